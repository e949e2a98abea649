//! The engines. Each compiles its policies once and keeps them; it turns a record into an input of its own, and an input into an answer.

use crate::rules::{Given, Record, Work};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::sync::Arc;

/// What stops the comparison.
pub type Failed = Box<dyn Error>;

/// An engine with its policies compiled.
pub trait Engine {
    /// A patient as the engine wants it.
    type Input;
    /// What the engine answers, in its own form, for all rules at once.
    type Answer;
    fn input(&self, record: &Record) -> Result<Self::Input, Failed>;
    fn evaluate(&mut self, input: &Self::Input) -> Result<Self::Answer, Failed>;
    /// The numbers of the rules that fired.
    fn fired(&self, answer: &Self::Answer) -> Result<BTreeSet<usize>, Failed>;
}

fn numbers(flags: impl IntoIterator<Item = bool>) -> BTreeSet<usize> {
    flags
        .into_iter()
        .enumerate()
        .filter_map(|(n, flag)| flag.then_some(n))
        .collect()
}

mod in_gl {
    use super::*;
    use gl::Guidelines;
    use gl::eval::plan::{Compact, Plan, Scratch};
    use gl::eval::{Options, Origin, Outcome, Patient, Value, evaluate};
    use gl::load::{Files, ReadError};
    use gl::model::units::TimeUnit;
    use gl::model::{FactId, FactType, Term, Truth};
    use rust_decimal::Decimal;

    struct Memory<'a>(&'a BTreeMap<String, String>);

    impl Files for Memory<'_> {
        fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
            self.0
                .get(path)
                .map(|text| text.clone().into_bytes())
                .ok_or(ReadError::NotFound)
        }
    }

    /// The library, and where its facts and rules are.
    pub struct Library {
        guidelines: Guidelines,
        facts: HashMap<String, FactId>,
        /// By effect, the number of its rule.
        numbers: Vec<usize>,
    }

    impl Library {
        pub fn new(work: &Work) -> Result<Self, Failed> {
            let paths: Vec<String> = work.files.keys().cloned().collect();
            let guidelines = Guidelines::load(&Memory(&work.files), &paths)?;
            let library = guidelines.library();
            let numbers = library
                .effects
                .iter()
                .map(|effect| Ok(library[effect.rule].name.trim_start_matches('r').parse()?))
                .collect::<Result<_, Failed>>()?;
            let facts = library
                .tests
                .iter()
                .map(|(Term::Fact(fact), _)| (library[*fact].name.clone(), *fact))
                .collect();
            Ok(Library {
                guidelines,
                facts,
                numbers,
            })
        }

        /// What is known of a patient, each with how it was written.
        fn values(&self, record: &Record, mut put: impl FnMut(FactId, Value)) -> Result<(), Failed> {
            for (name, given) in record {
                // A fact that no rule asks of has no place in the patient.
                let Some(fact) = self.facts.get(name) else { continue };
                let value = match (given, &self.guidelines.library()[*fact].ty) {
                    (Given::Yes(yes), _) => Value::YesNo(*yes),
                    // How a number was written is only shown, and nothing is shown here but the states of rules.
                    (Given::Number(years), _) => Value::Number {
                        value: Decimal::from(*years) * TimeUnit::Years.minutes(),
                        written: String::new(),
                    },
                    (Given::Word(word), FactType::OneOf { values, .. }) => {
                        Value::OneOf(values.iter().position(|v| v == word).ok_or("no such value")?)
                    }
                    (Given::Word(_), _) => return Err("a word for what is no choice".into()),
                };
                put(*fact, value);
            }
            Ok(())
        }

        fn patient(&self, record: &Record) -> Result<Patient, Failed> {
            let mut patient = Patient::default();
            self.values(record, |fact, mut value| {
                if let Value::Number { value, written } = &mut value {
                    *written = format!("{} years", value.normalize() / TimeUnit::Years.minutes());
                }
                patient.put(fact, value, Origin::Recorded);
            })?;
            Ok(patient)
        }
    }

    /// The compiled plan: the state of every rule, fires, does not fire or undecided.
    pub struct States {
        library: Arc<Library>,
        plan: Plan,
        scratch: Scratch,
    }

    impl States {
        pub fn new(library: &Arc<Library>) -> Self {
            let plan = Plan::new(library.guidelines.library(), &Options::default());
            States {
                library: Arc::clone(library),
                plan,
                scratch: Scratch::default(),
            }
        }
    }

    impl Engine for States {
        type Input = Compact;
        type Answer = Vec<Truth>;

        fn input(&self, record: &Record) -> Result<Compact, Failed> {
            let mut compact = self.plan.blank();
            self.library.values(record, |fact, value| self.plan.put(&mut compact, fact, &value))?;
            Ok(compact)
        }

        fn evaluate(&mut self, input: &Compact) -> Result<Vec<Truth>, Failed> {
            let mut truths = Vec::with_capacity(self.library.numbers.len());
            self.plan.states(input, &mut self.scratch, |_, truth| truths.push(truth));
            Ok(truths)
        }

        fn fired(&self, answer: &Vec<Truth>) -> Result<BTreeSet<usize>, Failed> {
            let numbers = self.library.numbers.iter();
            Ok(numbers
                .zip(answer)
                .filter(|(_, truth)| **truth == Truth::Yes)
                .map(|(n, _)| *n)
                .collect())
        }
    }

    /// Everything that `gl eval` says: advice with its standing and facts, what is undecided and what it needs, what to ask.
    pub struct Explained(pub Arc<Library>);

    impl Engine for Explained {
        type Input = Patient;
        type Answer = Outcome;

        fn input(&self, record: &Record) -> Result<Patient, Failed> {
            self.0.patient(record)
        }

        fn evaluate(&mut self, input: &Patient) -> Result<Outcome, Failed> {
            Ok(evaluate(self.0.guidelines.library(), input, &Options::default()))
        }

        fn fired(&self, answer: &Outcome) -> Result<BTreeSet<usize>, Failed> {
            Ok(answer
                .fired()
                .iter()
                .filter_map(|advice| self.0.numbers.get(advice.effect.index()).copied())
                .collect())
        }
    }

    /// As a case file has it, read, checked and settled: what the front door of gl does with a record.
    pub struct FrontDoor(pub Arc<Library>);

    impl Engine for FrontDoor {
        type Input = String;
        type Answer = Outcome;

        fn input(&self, record: &Record) -> Result<String, Failed> {
            let lines = record.iter().map(|(fact, given)| match given {
                Given::Yes(yes) => format!("  {fact}: {}\n", if *yes { "yes" } else { "no" }),
                Given::Number(years) => format!("  {fact}: {years} years\n"),
                Given::Word(word) => format!("  {fact}: {word}\n"),
            });
            Ok(format!("facts:\n{}", lines.collect::<String>()))
        }

        fn evaluate(&mut self, input: &String) -> Result<Outcome, Failed> {
            let record = self.0.guidelines.read_patient("case.yaml", input)?;
            Ok(self.0.guidelines.evaluate(&record)?)
        }

        fn fired(&self, answer: &Outcome) -> Result<BTreeSet<usize>, Failed> {
            Explained(Arc::clone(&self.0)).fired(answer)
        }
    }
}
pub use in_gl::{Explained, FrontDoor, Library, States};

/// One policy for each rule, all of them permitting, in one set; a patient is the context of a request. The policies that decided are those
/// that fired.
pub struct Cedar {
    authorizer: cedar_policy::Authorizer,
    policies: cedar_policy::PolicySet,
    entities: cedar_policy::Entities,
    parties: [cedar_policy::EntityUid; 3],
}

impl Cedar {
    pub fn new(work: &Work) -> Result<Self, Failed> {
        let mut policies = cedar_policy::PolicySet::new();
        for (n, condition) in work.conditions.iter().enumerate() {
            policies.add(cedar_policy::Policy::parse(
                Some(cedar_policy::PolicyId::new(n.to_string())),
                condition.in_cedar(),
            )?)?;
        }
        Ok(Cedar {
            authorizer: cedar_policy::Authorizer::new(),
            policies,
            entities: cedar_policy::Entities::empty(),
            parties: [
                "Doctor::\"d\"".parse()?,
                "Action::\"advise\"".parse()?,
                "Patient::\"p\"".parse()?,
            ],
        })
    }
}

impl Engine for Cedar {
    type Input = cedar_policy::Request;
    type Answer = cedar_policy::Response;

    fn input(&self, record: &Record) -> Result<Self::Input, Failed> {
        use cedar_policy::RestrictedExpression as Value;
        let pairs = record.iter().map(|(fact, given)| {
            let value = match given {
                Given::Yes(yes) => Value::new_bool(*yes),
                Given::Number(number) => Value::new_long(*number),
                Given::Word(word) => Value::new_string(word.clone()),
            };
            (fact.clone(), value)
        });
        let context = cedar_policy::Context::from_pairs(pairs)?;
        let [principal, action, resource] = self.parties.clone();
        Ok(cedar_policy::Request::new(principal, action, resource, context, None)?)
    }

    fn evaluate(&mut self, input: &Self::Input) -> Result<Self::Answer, Failed> {
        Ok(self.authorizer.is_authorized(input, &self.policies, &self.entities))
    }

    fn fired(&self, answer: &Self::Answer) -> Result<BTreeSet<usize>, Failed> {
        if let Some(error) = answer.diagnostics().errors().next() {
            return Err(error.to_string().into());
        }
        answer.diagnostics().reason().map(|id| Ok(id.to_string().parse()?)).collect()
    }
}

/// One program for each rule; a patient is a map in a scope of its own.
pub struct Cel {
    programs: Vec<cel::Program>,
    /// The functions that every scope knows; kept for as long as the process lives.
    root: &'static cel::Context<'static, 'static>,
}

impl Cel {
    pub fn new(work: &Work) -> Result<Self, Failed> {
        let programs = work
            .conditions
            .iter()
            .map(|c| cel::Program::compile(&c.in_cel()))
            .collect::<Result<_, _>>()?;
        Ok(Cel {
            programs,
            root: Box::leak(Box::default()),
        })
    }
}

impl Engine for Cel {
    type Input = cel::Context<'static, 'static>;
    type Answer = Vec<cel::Value>;

    fn input(&self, record: &Record) -> Result<Self::Input, Failed> {
        let map: HashMap<String, cel::Value> = record
            .iter()
            .map(|(fact, given)| {
                let value = match given {
                    Given::Yes(yes) => cel::Value::Bool(*yes),
                    Given::Number(number) => cel::Value::Int(*number),
                    Given::Word(word) => word.as_str().into(),
                };
                (fact.clone(), value)
            })
            .collect();
        let mut scope = self.root.new_inner_scope();
        scope.add_variable_from_value("p", map);
        Ok(scope)
    }

    fn evaluate(&mut self, input: &Self::Input) -> Result<Self::Answer, Failed> {
        Ok(self
            .programs
            .iter()
            .map(|program| program.execute(input))
            .collect::<Result<_, _>>()?)
    }

    fn fired(&self, answer: &Self::Answer) -> Result<BTreeSet<usize>, Failed> {
        Ok(numbers(answer.iter().map(|value| *value == cel::Value::Bool(true))))
    }
}

/// One module of Rego that collects the numbers of the rules that fire, run by the interpreter of syntax or as bytecode.
pub struct Rego {
    policy: regorus::CompiledPolicy,
    bytecode: Option<regorus::rvm::vm::RegoVM>,
}

impl Rego {
    pub fn new(work: &Work, as_bytecode: bool) -> Result<Self, Failed> {
        let rules: String = work.conditions.iter().enumerate().map(|(n, c)| c.in_rego(n)).collect();
        let mut engine = regorus::Engine::new();
        engine.add_policy("rules.rego".to_owned(), format!("package rules\nimport rego.v1\n{rules}"))?;
        let entry = "data.rules.fired";
        let policy = engine.compile_with_entrypoint(&entry.into())?;
        let bytecode = if as_bytecode {
            let program = regorus::languages::rego::compiler::Compiler::compile_from_policy(&policy, &[entry])?;
            let mut machine = regorus::rvm::vm::RegoVM::new();
            machine.load_program(program);
            Some(machine)
        } else {
            None
        };
        Ok(Rego { policy, bytecode })
    }
}

impl Engine for Rego {
    type Input = regorus::Value;
    type Answer = regorus::Value;

    fn input(&self, record: &Record) -> Result<Self::Input, Failed> {
        let map: BTreeMap<regorus::Value, regorus::Value> = record
            .iter()
            .map(|(fact, given)| {
                let value = match given {
                    Given::Yes(yes) => (*yes).into(),
                    Given::Number(number) => (*number).into(),
                    Given::Word(word) => word.as_str().into(),
                };
                (fact.as_str().into(), value)
            })
            .collect();
        Ok(map.into())
    }

    fn evaluate(&mut self, input: &Self::Input) -> Result<Self::Answer, Failed> {
        Ok(match &mut self.bytecode {
            Some(machine) => {
                machine.set_input(input.clone());
                machine.execute()?
            }
            None => self.policy.eval_with_input(input.clone())?,
        })
    }

    fn fired(&self, answer: &Self::Answer) -> Result<BTreeSet<usize>, Failed> {
        Ok(serde_json::from_str(&answer.to_json_str()?)?)
    }
}

/// One expression node with an expression for each rule, in a decision that is compiled.
pub struct Zen {
    decision: zen_engine::Decision,
    runtime: tokio::runtime::Runtime,
    names: Vec<String>,
}

impl Zen {
    pub fn new(work: &Work) -> Result<Self, Failed> {
        use serde_json::json;
        let names: Vec<String> = (0..work.conditions.len()).map(|n| format!("r{n}")).collect();
        let expressions: Vec<_> = names
            .iter()
            .zip(&work.conditions)
            .map(|(name, condition)| json!({"id": name, "key": name, "value": condition.in_zen()}))
            .collect();
        let graph = json!({
            "nodes": [
                {"id": "in", "name": "patient", "type": "inputNode", "content": {}},
                {"id": "rules", "name": "rules", "type": "expressionNode", "content": {"expressions": expressions}},
                {"id": "out", "name": "fired", "type": "outputNode", "content": {}},
            ],
            "edges": [
                {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
                {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
            ],
        });
        let content: zen_engine::model::GraphContent = serde_json::from_value(graph)?;
        let mut decision = zen_engine::Decision::from(content);
        decision.compile();
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(Zen {
            decision,
            runtime,
            names,
        })
    }
}

impl Engine for Zen {
    type Input = zen_expression::Variable;
    type Answer = zen_expression::Variable;

    fn input(&self, record: &Record) -> Result<Self::Input, Failed> {
        Ok(variable(record))
    }

    fn evaluate(&mut self, input: &Self::Input) -> Result<Self::Answer, Failed> {
        let response = self.runtime.block_on(self.decision.evaluate(input.clone()));
        Ok(response.map_err(|e| e.to_string())?.result)
    }

    fn fired(&self, answer: &Self::Answer) -> Result<BTreeSet<usize>, Failed> {
        Ok(numbers(self.names.iter().map(|name| {
            answer.dot(name).and_then(|value| value.as_bool()) == Some(true)
        })))
    }
}

fn variable(record: &Record) -> zen_expression::Variable {
    use zen_expression::variable::{Variable, VariableMap};
    let mut map = VariableMap::with_capacity(record.len());
    for (fact, given) in record {
        let value = match given {
            Given::Yes(yes) => Variable::Bool(*yes),
            Given::Number(number) => Variable::Number((*number).into()),
            Given::Word(word) => Variable::String(word.as_str().into()),
        };
        map.insert_str(fact, value);
    }
    Variable::from_object(map)
}

/// The expressions of ZEN alone, compiled, without a decision around them.
pub struct ZenExpressions {
    expressions: Vec<zen_expression::Expression<zen_expression::expression::Standard>>,
    machine: zen_expression::vm::VM,
}

impl ZenExpressions {
    pub fn new(work: &Work) -> Result<Self, Failed> {
        let expressions = work
            .conditions
            .iter()
            .map(|c| zen_expression::compile_expression(&c.in_zen()))
            .collect::<Result<_, _>>()?;
        Ok(ZenExpressions {
            expressions,
            machine: zen_expression::vm::VM::new(),
        })
    }
}

impl Engine for ZenExpressions {
    type Input = zen_expression::Variable;
    type Answer = Vec<zen_expression::Variable>;

    fn input(&self, record: &Record) -> Result<Self::Input, Failed> {
        Ok(variable(record))
    }

    fn evaluate(&mut self, input: &Self::Input) -> Result<Self::Answer, Failed> {
        let ZenExpressions { expressions, machine } = self;
        Ok(expressions
            .iter()
            .map(|e| e.evaluate_with(input.clone(), machine))
            .collect::<Result<_, _>>()?)
    }

    fn fired(&self, answer: &Self::Answer) -> Result<BTreeSet<usize>, Failed> {
        Ok(numbers(answer.iter().map(|value| value.as_bool() == Some(true))))
    }
}
