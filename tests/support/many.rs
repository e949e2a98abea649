//! Large libraries, made up the same way every time.

use super::Random;
use std::fmt::Write;

/// The facts of the benchmark: 30 yes/no, 5 enums of four values, 5 numbers.
pub const YES_NO: usize = 30;
pub const ENUMS: usize = 5;
pub const NUMBERS: usize = 5;
/// The thresholds of each number, in its unit.
pub const THRESHOLDS: [u32; 4] = [6, 12, 26, 52];

fn declarations(text: &mut String, actions: usize) {
    for fact in 0..YES_NO {
        let _ = writeln!(text, "fact sign_{fact}: yes/no \"Sign {fact}\"");
    }
    for fact in 0..ENUMS {
        let _ = writeln!(
            text,
            "fact grade_{fact}: one of none < mild < moderate < severe \"Grade {fact}\""
        );
    }
    for fact in 0..NUMBERS {
        let _ = writeln!(text, "fact time_{fact}: quantity in weeks \"Time {fact}\"");
    }
    for action in 0..actions {
        let parent = if action % 4 == 0 {
            String::new()
        } else {
            format!(" is action_{}", action - action % 4)
        };
        let _ = writeln!(text, "action action_{action} \"Action {action}\"{parent}");
    }
    text.push_str("source S \"A source\" year 2026 lists 9\n");
}

/// One test of a random fact, negated now and then.
fn atom(random: &mut Random) -> String {
    let atom = match random.below(10) {
        0..=5 => format!("sign_{}", random.below(YES_NO)),
        6 => format!(
            "grade_{} is {}",
            random.below(ENUMS),
            random.pick(&["none", "mild", "moderate", "severe"])
        ),
        7 => format!(
            "grade_{} at least {}",
            random.below(ENUMS),
            random.pick(&["mild", "moderate", "severe"])
        ),
        _ => format!(
            "time_{} {} {} weeks",
            random.below(NUMBERS),
            random.pick(&["at least", "under"]),
            random.pick(&THRESHOLDS)
        ),
    };
    if random.percent(20) { format!("not {atom}") } else { atom }
}

/// A condition of so many atoms: one level, or two.
pub fn condition(random: &mut Random, atoms: usize) -> String {
    let parts: Vec<String> = (0..atoms).map(|_| atom(random)).collect();
    match random.below(4) {
        0 => parts.join(" and "),
        1 if atoms > 3 => format!("at least 2 of ({})", parts.join(", ")),
        _ => {
            let (first, second) = parts.split_at(atoms.div_ceil(2));
            match second {
                [] => first.join(" and "),
                _ => format!("({}) and ({})", first.join(" or "), second.join(" or ")),
            }
        }
    }
}

fn rules(text: &mut String, random: &mut Random, count: usize, actions: usize) {
    for rule in 0..count {
        let atoms = 2 + random.below(5);
        let _ = writeln!(text, "rule rule_{rule} \"Rule {rule}\":\n  when {}", condition(random, atoms));
        let action = random.below(actions);
        let _ = match random.below(6) {
            0 => writeln!(text, "  then avoid action_{action}"),
            1 => writeln!(text, "  then urgent action_{action} within 2 weeks"),
            2 => writeln!(text, "  then consider action_{action} with \"care\""),
            _ => writeln!(text, "  then recommend action_{action} within 6 weeks"),
        };
        let _ = writeln!(text, "  cite S [{}]\n  from S-{rule}", 1 + random.below(9));
    }
}

/// So many rules of 2 to 6 atoms, as one guideline.
pub fn guideline(count: usize) -> String {
    let mut random = Random::new(count as u64);
    let actions = (count / 5).clamp(4, 400);
    let mut text = String::from("guideline many \"Many rules\" version \"1\"\n");
    declarations(&mut text, actions);
    rules(&mut text, &mut random, count, actions);
    text
}

/// A case file in which 30 % of the facts are unknown.
pub fn patient(random: &mut Random) -> String {
    let mut text = String::from("as_of: 2026-02-01\nfacts:\n  sign_0: yes\n");
    for fact in 1..YES_NO {
        if !random.percent(30) {
            let _ = writeln!(text, "  sign_{fact}: {}", random.pick(&["yes", "no"]));
        }
    }
    for fact in 0..ENUMS {
        if !random.percent(30) {
            let _ = writeln!(
                text,
                "  grade_{fact}: {}",
                random.pick(&["none", "mild", "moderate", "severe"])
            );
        }
    }
    for fact in 0..NUMBERS {
        if !random.percent(30) {
            let _ = writeln!(text, "  time_{fact}: {} weeks", random.below(60));
        }
    }
    text
}

/// A project of so many guidelines with so many rules each, over facts and actions that they share.
pub fn project(guidelines: usize, rules_each: usize) -> super::Memory {
    let actions = 400;
    let mut shared = String::new();
    declarations(&mut shared, actions);
    let (shared, source) = shared.split_at(shared.find("source S").unwrap_or(shared.len()));
    let mut files = super::Memory::default().with("shared.gl", shared);
    for guideline in 0..guidelines {
        let mut text = format!("guideline many_{guideline} \"Many rules\" version \"1\"\nuse shared\n{source}");
        rules(&mut text, &mut Random::new(guideline as u64), rules_each, actions);
        files = files.with(&format!("many_{guideline}.gl"), text);
    }
    files
}
