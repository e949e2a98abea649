//! Every finding about the text itself: its entry, and the function that words it.
//!
//! In: places and the words that stand there. Out: diagnostics.
//! Must not know: how the place was found.

use crate::ast::Name;
use crate::declare_code;
use crate::diagnostic::{Certainty, Code, Diagnostic, Edit};
use crate::limits;
use crate::source::Span;

use super::order::{Move, Side};

/// All findings of this stage.
pub static CODES: &[&Code] = &[
    &UNEXPECTED_TEXT,
    &MISSPELT_KEYWORD,
    &UPPER_CASE_KEYWORD,
    &PROGRAMMING_SIGN,
    &MISSING_COLON,
    &MISSING_THEN,
    &MISSING_ACTION,
    &MISSING_CONDITION,
    &MIXED_AND_OR,
    &MIXED_ACTIONS,
    &LIST_JOINED_BY_AND,
    &TEST_FOR_UNKNOWN,
    &MISSING_NUMBER,
    &MISSING_UNIT,
    &DECIMAL_COMMA,
    &IF_INSTEAD_OF_WHEN,
    &UNKNOWN_TYPE,
    &UNIT_WITHOUT_QUOTES,
    &UNCLOSED_BRACKET,
    &MISSING_BECAUSE,
    &REPEATED_CLAUSE,
    &MISSING_COMMA,
    &RESERVED_NAME,
    &FOREIGN_COMMENT,
    &UNCLOSED_QUOTE,
    &TYPOGRAPHIC_QUOTE,
    &ODD_SPACE,
    &TYPOGRAPHIC_DASH,
    &LOOK_ALIKE_LETTER,
    &FOREIGN_LETTER,
    &CONTROL_CHARACTER,
    &DIRECTION_CONTROL,
    &NOT_NORMAL_FORM,
    &WRONG_DATE,
    &UNKNOWN_ESCAPE,
    &NO_DECLARATION,
    &UNFINISHED_DECLARATION,
    &UNKNOWN_UNIT,
    &IS_BEFORE_COMPARISON,
    &MISSING_WORD,
    &NEEDLESS_SIGN,
    &NEGATIVE_NUMBER,
    &TEXT_OVER_LINES,
    &UNOPENED_BRACKET,
    &NUMBER_IN_WORDS,
    &NUMBER_RANGE,
    &DIVIDED_NAME,
    &TEXT_WITHOUT_QUOTES,
    &MISPLACED_PART,
    &FILE_TOO_LARGE,
    &TOO_DEEP,
    &NAME_TOO_LONG,
    &TEXT_TOO_LONG,
    &NUMBER_TOO_LONG,
    &UNREADABLE,
];

// ─── The wording ─────────────────────────────────────────────────────────────────────────────────────────────────────

/// A token as a message shows it: short, on one line.
fn shown(token: &str) -> String {
    let mut short: String = token.chars().filter(|c| !c.is_control()).take(40).collect();
    if short.chars().count() < token.chars().count() {
        short.push('…');
    }
    match token.starts_with('"') {
        true => format!("the text {short}"),
        false => format!("`{short}`"),
    }
}

pub(super) fn unexpected(span: Span, found: &str, expected: &str) -> Diagnostic {
    let label = format!("here {expected} would fit");
    Diagnostic::new(
        &UNEXPECTED_TEXT,
        format!("{} does not belong here", shown(found)),
        span,
        label,
    )
}

pub(super) fn no_declaration(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &NO_DECLARATION,
        format!("{} begins no declaration", shown(found)),
        span,
        "what is this?",
    )
    .with_help(
        "a declaration begins with a word such as `fact`, `action`, `source`, `rule`, `when` or `case`; a remark begins with `#`",
    )
}

pub(super) fn unfinished(gap: Span, expected: &str) -> Diagnostic {
    let label = format!("after this, {expected} is expected");
    Diagnostic::new(&UNFINISHED_DECLARATION, "the declaration ends too early", gap, label)
}

pub(super) fn misspelt_keyword(span: Span, found: &str, right: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSPELT_KEYWORD,
        format!("{} is not a word of gl", shown(found)),
        span,
        format!("did you mean `{right}`?"),
    )
    .with_fix(format!("write `{right}`"), span, right)
}

pub(super) fn misplaced_part(part: Span, removed: Span, place: Span, moved: &Move) -> Diagnostic {
    let side = match moved.side {
        Side::Before => "before",
        Side::Behind => "behind",
    };
    let (word, beside) = (shown(&moved.word), shown(&moved.beside));
    let certainty = match moved.is_sure && !moved.text.contains('\u{FFFD}') {
        true => Certainty::Sure,
        false => Certainty::Guess,
    };
    let edit = |span, text: &str| Edit {
        span,
        replacement: text.to_owned(),
    };
    let finding = Diagnostic::new(
        &MISPLACED_PART,
        format!("{word} stands in the wrong place"),
        part,
        format!("it belongs {side} {beside}"),
    )
    .with_edits(
        format!("move it {side} {beside}"),
        vec![edit(place, &moved.text), edit(removed, "")],
        certainty,
    );
    match order(&moved.item, &moved.word) {
        Some(order) => finding.with_help(order),
        None => finding,
    }
}

/// The order of a declaration, as far as it matters for a part.
fn order(item: &str, part: &str) -> Option<&'static str> {
    Some(match (item, part) {
        ("rule", text) if text.starts_with('"') => "the label of a rule stands behind its name, before the colon",
        ("rule" | "when" | "always", "when" | "unless" | "then" | "cite" | "from" | "evidence" | "because" | "overrides") => {
            "a rule has `when`, perhaps `unless`, and `then`; behind them come `cite`, `from`, `evidence`, `because` and `overrides`, in any order"
        }
        ("rule" | "when" | "always", _) => {
            "behind `then` come a word such as `avoid`, a word such as `urgent`, the action, `within` and the like, and last `only when` and `unless`"
        }
        ("reconcile", _) => "a reconciliation has `prefer` or `leave open`, then perhaps `sealed`, and last `because`",
        ("section", _) => "a section has its heading, perhaps `when`, `applies when`, `cite` and `from`, and a colon at the end",
        ("fact", _) => "a fact has its type, its label in quotes, and then `ask`, `code`, `range` and `default no`, in any order",
        ("action" | "source" | "guideline" | "define", _) => "the label in quotes comes right behind the name",
        _ => return None,
    })
}

pub(super) fn upper_case_keyword(span: Span, found: &str, right: &str) -> Diagnostic {
    Diagnostic::new(
        &UPPER_CASE_KEYWORD,
        format!("the keyword {} is not in lower case", shown(found)),
        span,
        "keywords are lower case",
    )
    .with_sure_fix(format!("write `{right}`"), span, right)
}

pub(super) fn programming_sign(span: Span, found: &str, right: &str, written: &str) -> Diagnostic {
    // These mean other things elsewhere: a sum, an implication, an estimate.
    let certainty = match found {
        "+" | "=>" | "=<" | "~" => Certainty::Guess,
        _ => Certainty::Sure,
    };
    let replacement = written.to_owned();
    Diagnostic::new(
        &PROGRAMMING_SIGN,
        format!("gl does not use {}", shown(found)),
        span,
        format!("write `{right}`"),
    )
    .with_edits(format!("write `{right}`"), vec![Edit { span, replacement }], certainty)
}

pub(super) fn foreign_comment(span: Span, found: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &FOREIGN_COMMENT,
        format!("{} does not begin a comment", shown(found)),
        span,
        "comments begin with `#`",
    );
    match found {
        "//" | "--" => diagnostic.with_sure_fix("begin the comment with `#`", span, "#"),
        _ => diagnostic,
    }
}

pub(super) fn needless_sign(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &NEEDLESS_SIGN,
        format!("gl does not use {}", shown(found)),
        span,
        "leave this out",
    )
    .with_sure_fix(format!("leave {} out", shown(found)), span, "")
}

pub(super) fn missing_colon(gap: Span, before: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSING_COLON,
        format!("a colon is missing after {}", shown(before)),
        gap,
        "`:` belongs here",
    )
    .with_sure_fix("put in the colon", gap, ":")
}

pub(super) fn label_before_type(label: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        &UNEXPECTED_TEXT,
        format!("the label of fact {} stands before its type", shown(name)),
        label,
        "this comes after the type",
    )
    .with_help(format!("write `fact {name}: yes/no \"Label\"`"))
}

pub(super) fn missing_comma(gap: Span, before: &str, after: &str) -> Diagnostic {
    let message = format!("a comma is missing between {} and {}", shown(before), shown(after));
    Diagnostic::new(&MISSING_COMMA, message, gap, "`,` belongs here").with_fix("put in the comma", gap, ",")
}

pub(super) fn unclosed_bracket(open: Span, gap: Span, closing: &str) -> Diagnostic {
    Diagnostic::new(&UNCLOSED_BRACKET, "the bracket is not closed", open, "opened here")
        .with_label(gap, format!("`{closing}` is missing here"))
        .with_fix("close the bracket", gap, closing)
}

pub(super) fn missing_then(gap: Span) -> Diagnostic {
    Diagnostic::new(
        &MISSING_THEN,
        "`then` is missing after the condition",
        gap,
        "`then` belongs here",
    )
    .with_fix("put in `then`", gap, " then")
}

pub(super) fn nothing_to_do(gap: Span) -> Diagnostic {
    Diagnostic::new(
        &MISSING_THEN,
        "the rule does not say what to do",
        gap,
        "after the condition, `then` and an action are missing",
    )
    .with_help("go on with `then` and an action, for example `then urgent mri within hours`")
}

pub(super) fn colon_before_guard(colon: Span, end: Span) -> Diagnostic {
    let edit = |span, text: &str| Edit {
        span,
        replacement: text.to_owned(),
    };
    let help = "a section has its heading, perhaps `when`, `applies when`, `cite` and `from`, and a colon at the end";
    Diagnostic::new(
        &MISPLACED_PART,
        "the colon of the section stands before its `when`",
        colon,
        "it belongs at the end of the section",
    )
    .with_label(end, "here")
    .with_help(help)
    .with_edits(
        "move the colon to the end",
        vec![edit(colon, ""), edit(end, ":")],
        Certainty::Guess,
    )
}

pub(super) fn rule_without_condition(gap: Span) -> Diagnostic {
    Diagnostic::new(
        &MISSING_CONDITION,
        "the rule does not say when it applies",
        gap,
        "`when` and a condition are missing, or `always`",
    )
    .with_help("go on with `when` and a condition; a rule for every patient says `always`")
}

pub(super) fn missing_word(gap: Span, word: &str, after: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSING_WORD,
        format!("`{word}` is missing before {}", shown(after)),
        gap,
        format!("`{word}` belongs here"),
    )
    .with_fix(format!("put in `{word}`"), gap, format!(" {word}"))
}

pub(super) fn missing_one_of(gap: Span, before: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSING_WORD,
        format!("`one of` is missing before {}", shown(before)),
        gap,
        "`one of` belongs here",
    )
    .with_fix("put in `one of`", gap, "one of ")
}

pub(super) fn unit_grown_together(whole: Span, unit_span: Span, number: &str, unit: &str) -> Diagnostic {
    Diagnostic::new(
        &UNIT_WITHOUT_QUOTES,
        format!("the unit `{unit}` needs quotes"),
        unit_span,
        "a unit that is no word of gl",
    )
    .with_fix(format!("write `{number} \"{unit}\"`"), whole, format!("{number} \"{unit}\""))
}

pub(super) fn unopened_quote(closing: Span, place: Span) -> Diagnostic {
    Diagnostic::new(
        &UNCLOSED_QUOTE,
        "this quote ends a text that was never begun",
        closing,
        "ends here",
    )
    .with_label(place, "a quote is missing here")
    .with_fix("put in the quote", place, "\"")
}

pub(super) fn at_without_bound(gap: Span) -> Diagnostic {
    Diagnostic::new(
        &MISSING_WORD,
        "`least` or `most` is missing after `at`",
        gap,
        "`least` or `most` belongs here",
    )
    .with_fix("put in `least`", gap, " least")
    .with_fix("put in `most`", gap, " most")
}

pub(super) fn divided_name(span: Span, found: &str, name: &str) -> Diagnostic {
    Diagnostic::new(
        &DIVIDED_NAME,
        format!("{} is not one name", shown(found)),
        span,
        "names have no blanks and no dashes",
    )
    .with_help(format!("write `{name}`"))
    .with_fix(format!("write `{name}`"), span, name)
}

pub(super) fn text_without_quotes(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &TEXT_WITHOUT_QUOTES,
        format!("{} needs quotes", shown(found)),
        span,
        "a text in quotes belongs here",
    )
    .with_fix("put it in quotes", span, format!("\"{found}\""))
}

pub(super) fn missing_action(gap: Span, before: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSING_ACTION,
        format!("there is no action after `{before}`"),
        gap,
        "the name of an action belongs here",
    )
}

pub(super) fn missing_condition(gap: Span, before: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSING_CONDITION,
        format!("there is no condition after `{before}`"),
        gap,
        "a condition belongs here",
    )
}

pub(super) fn reserved_name(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &RESERVED_NAME,
        format!("`{word}` is a word of gl and cannot be a name"),
        span,
        "choose another name",
    )
    .with_help(format!("for example `{word}_` or a longer name"))
}

pub(super) fn if_instead_of_when(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &IF_INSTEAD_OF_WHEN,
        format!("gl says `when`, not {}", shown(found)),
        span,
        "write `when`",
    )
    .with_sure_fix("write `when`", span, "when")
}

pub(super) fn when_instead_of_if(span: Span) -> Diagnostic {
    Diagnostic::new(
        &IF_INSTEAD_OF_WHEN,
        "a note says `only if`, not `only when`",
        span,
        "write `if`",
    )
    .with_sure_fix("write `if`", span, "if")
}

pub(super) fn rule_elsewhere(span: Span) -> Diagnostic {
    Diagnostic::new(
        &UNEXPECTED_TEXT,
        "`overrides` names a rule of another guideline",
        span,
        "only rules of this guideline fit here",
    )
    .with_help("settle a disagreement between guidelines with `reconcile`")
}

pub(super) fn unopened_bracket(span: Span) -> Diagnostic {
    Diagnostic::new(
        &UNOPENED_BRACKET,
        "this bracket was never opened",
        span,
        "there is no opening bracket for it",
    )
    .with_fix("leave it out", span, "")
}

pub(super) fn number_in_words(span: Span, found: &str, digits: &str) -> Diagnostic {
    Diagnostic::new(
        &NUMBER_IN_WORDS,
        format!("the number {} is written as a word", shown(found)),
        span,
        format!("write `{digits}`"),
    )
    .with_sure_fix(format!("write `{digits}`"), span, digits)
}

pub(super) fn number_range(span: Span, first: &str, last: &str) -> Diagnostic {
    Diagnostic::new(
        &NUMBER_RANGE,
        format!("`{first}-{last}` is not one number"),
        span,
        "which of the two is meant?",
    )
    .with_help(format!(
        "a deadline is the longer one, `within {last} weeks`; a window is `between {first} and {last} weeks after …`"
    ))
}

pub(super) fn is_before_comparison(span: Span, comparison: &str) -> Diagnostic {
    Diagnostic::new(
        &IS_BEFORE_COMPARISON,
        format!("`is` does not go together with `{comparison}`"),
        span,
        "leave this `is` out",
    )
    .with_sure_fix("leave `is` out", span, "")
}

pub(super) fn unknown_type(span: Span, found: &str, right: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_TYPE, format!("{} is not a type of fact", shown(found)), span, match right {
        Some(right) => format!("did you mean `{right}`?"),
        None => "a type belongs here".to_string(),
    })
    .with_help(
        "the types are `yes/no`, `one of a, b`, `one of a < b`, `any of a, b`, `date`, `quantity in UNIT`, `count` and `time since FACT`",
    );
    match right {
        Some(right) => diagnostic.with_fix(format!("write `{right}`"), span, right),
        None => diagnostic,
    }
}

pub(super) fn missing_number(span: Span, unit: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSING_NUMBER,
        format!("there is no number before `{unit}`"),
        span,
        "how many?",
    )
    .with_help(format!(
        "write the number too, for example `6 {}s`",
        unit.trim_end_matches('s')
    ))
}

pub(super) fn missing_unit(span: Span, number: &str) -> Diagnostic {
    Diagnostic::new(
        &MISSING_UNIT,
        format!("`{number}` has no unit"),
        span,
        "minutes, hours, days, weeks, months or years?",
    )
}

pub(super) fn unit_without_quotes(span: Span, unit: &str) -> Diagnostic {
    Diagnostic::new(
        &UNIT_WITHOUT_QUOTES,
        format!("the unit {} needs quotes", shown(unit)),
        span,
        format!("write `\"{unit}\"`"),
    )
    .with_sure_fix("put the unit in quotes", span, format!("\"{unit}\""))
}

pub(super) fn unknown_unit(span: Span, found: &str, right: &str) -> Diagnostic {
    Diagnostic::new(
        &UNKNOWN_UNIT,
        format!("{} is not a unit of time in gl", shown(found)),
        span,
        format!("write `{right}`"),
    )
    .with_fix(format!("write `{right}`"), span, right)
}

pub(super) fn negative_number(span: Span) -> Diagnostic {
    Diagnostic::new(&NEGATIVE_NUMBER, "a number cannot have a sign", span, "leave this out")
}

pub(super) fn wrong_date(span: Span, found: &str, right: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &WRONG_DATE,
        format!("{} is not a date as gl writes it", shown(found)),
        span,
        "year, month, day",
    )
    .with_help("write the date as year, month and day, for example `2026-02-01`");
    match right {
        Some(right) => diagnostic.with_fix(format!("write `{right}`"), span, right),
        None => diagnostic,
    }
}

pub(super) fn mixed_and_or(span: Span, readings: [(String, Vec<Edit>); 2]) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(
        &MIXED_AND_OR,
        "`and` is mixed with `or` without parentheses",
        span,
        "this can be read in two ways",
    );
    let [(first, _), (second, _)] = &readings;
    if first.chars().count() + second.chars().count() < 200 {
        diagnostic = diagnostic.with_help(format!("write `{first}` or `{second}`"));
    } else {
        diagnostic = diagnostic.with_help("put parentheses around what belongs together");
    }
    for (text, edits) in readings {
        diagnostic = diagnostic.with_edits(format!("read it as `{text}`"), edits, Certainty::Guess);
    }
    diagnostic
}

pub(super) fn mixed_actions(span: Span, names: &[Name], commas: &[Span], ands: &[Span], ors: &[Span]) -> Diagnostic {
    let list = names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>();
    let diagnostic = Diagnostic::new(
        &MIXED_ACTIONS,
        "the list of actions mixes `,` with `or`",
        span,
        "each of them, or one of them?",
    )
    .with_help(format!(
        "write `{}` for each of them, `{}` for one of them, or one `then` for each group",
        list.join(", "),
        list.join(" or ")
    ));
    let replace = |places: &[Span], text: &str| -> Vec<Edit> {
        places
            .iter()
            .map(|span| Edit {
                span: *span,
                replacement: text.to_string(),
            })
            .collect()
    };
    let mut each = replace(ors, ",");
    each.extend(replace(ands, ","));
    let mut one = replace(commas, " or");
    one.extend(replace(ands, "or"));
    diagnostic
        .with_edits("each of them", each, Certainty::Guess)
        .with_edits("one of them will do", one, Certainty::Guess)
}

pub(super) fn joined_by_and(ands: &[Span], replaced: &[Span]) -> Diagnostic {
    let first = ands.first().copied().or(replaced.first().copied());
    let message = "a list is joined by commas, not by `and`";
    let diagnostic = match first {
        Some(span) => Diagnostic::new(&LIST_JOINED_BY_AND, message, span, "write `,`"),
        None => Diagnostic::without_place(&LIST_JOINED_BY_AND, message),
    };
    let edits = replaced
        .iter()
        .map(|span| Edit {
            span: *span,
            replacement: ",".to_string(),
        })
        .collect();
    diagnostic.with_edits("write commas", edits, Certainty::Sure)
}

pub(super) fn test_for_unknown(span: Span, fact: &str, negated: bool) -> Diagnostic {
    let what = if negated { "known" } else { "unknown" };
    Diagnostic::new(
        &TEST_FOR_UNKNOWN,
        format!("a condition cannot ask whether `{fact}` is {what}"),
        span,
        "there is no such test",
    )
    .with_help("leave it out: what was not recorded leaves the rule undecided by itself, and the result asks for the fact")
    .with_note("such a test would let a rule fire on ignorance and stop firing on knowledge")
}

pub(super) fn missing_because(declaration: Span) -> Diagnostic {
    Diagnostic::new(
        &MISSING_BECAUSE,
        "the reconciliation gives no reason",
        declaration.after(),
        "`because \"…\"` belongs here",
    )
    .with_help("end it with `because` and the reason in quotes")
}

pub(super) fn repeated_clause(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &REPEATED_CLAUSE,
        format!("`{word}` stands twice"),
        span,
        "this is the second one",
    )
    .with_fix("leave the second one out", span, "")
}

// What is wrong with the raw text.

pub(super) fn file_too_large(start: Span) -> Diagnostic {
    let message = format!("the file has more than the {} bytes that gl reads", limits::FILE_BYTES);
    Diagnostic::new(&FILE_TOO_LARGE, message, start, "").with_help("divide the guideline into several files")
}

pub(super) fn too_deep(span: Span) -> Diagnostic {
    let message = format!("brackets and `not` are nested more than {} levels deep", limits::NESTING);
    Diagnostic::new(&TOO_DEEP, message, span, "one level too many").with_help("give parts of the condition a name with `define`")
}

pub(super) fn name_too_long(span: Span, characters: usize) -> Diagnostic {
    let message = format!(
        "the name has {characters} characters, and gl reads at most {}",
        limits::NAME_CHARACTERS
    );
    Diagnostic::new(&NAME_TOO_LONG, message, span, "this name").with_help("choose a shorter name, and put the rest in its label")
}

pub(super) fn text_too_long(span: Span, characters: usize) -> Diagnostic {
    let message = format!(
        "the text has {characters} characters, and gl reads at most {}",
        limits::TEXT_CHARACTERS
    );
    Diagnostic::new(&TEXT_TOO_LONG, message, span, "this text")
}

pub(super) fn number_too_long(span: Span, digits: usize) -> Diagnostic {
    let message = format!(
        "the number has {digits} digits, and gl reads at most {}",
        limits::NUMBER_DIGITS
    );
    Diagnostic::new(&NUMBER_TOO_LONG, message, span, "this number")
}

pub(super) fn unreadable(span: Span) -> Diagnostic {
    Diagnostic::new(&UNREADABLE, "the file could not be read", span, "")
}

fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

pub(super) fn control_character(span: Span, c: char) -> Diagnostic {
    let message = format!("the text contains the control character {}", code_point(c));
    Diagnostic::new(&CONTROL_CHARACTER, message, span, "here").with_sure_fix("leave it out", span, "")
}

pub(super) fn direction_control(span: Span, c: char) -> Diagnostic {
    let message = format!(
        "the text contains the invisible sign {}, which turns the direction of writing",
        code_point(c)
    );
    Diagnostic::new(&DIRECTION_CONTROL, message, span, "here").with_sure_fix("leave it out", span, "")
}

pub(super) fn odd_space(span: Span, c: char, replacement: &str) -> Diagnostic {
    let what = match c {
        '\u{A0}' | '\u{202F}' | '\u{2007}' => "no-break space",
        '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => "zero-width space",
        '\u{AD}' => "soft hyphen",
        _ => "unusual space",
    };
    let (title, help) = match replacement {
        "" => ("leave it out", "leave it out"),
        _ => ("write an ordinary space", "write an ordinary space"),
    };
    Diagnostic::new(&ODD_SPACE, format!("there is a {what} ({}) here", code_point(c)), span, help).with_sure_fix(
        title,
        span,
        replacement,
    )
}

pub(super) fn typographic_quote(spans: &[Span]) -> Diagnostic {
    let message = "texts are enclosed in straight double quotes";
    let diagnostic = match spans {
        [] => Diagnostic::without_place(&TYPOGRAPHIC_QUOTE, message),
        [first, rest @ ..] => rest.iter().fold(
            Diagnostic::new(&TYPOGRAPHIC_QUOTE, message, *first, "write `\"`"),
            |d, span| d.with_label(*span, "and here"),
        ),
    };
    let edits = spans
        .iter()
        .map(|span| Edit {
            span: *span,
            replacement: "\"".to_string(),
        })
        .collect();
    diagnostic.with_edits("write straight quotes", edits, Certainty::Sure)
}

/// Between numbers a dash means a range, which a hyphen does not.
pub(super) fn typographic_dash(span: Span, c: char, certainty: Certainty) -> Diagnostic {
    let message = format!("the dash {} ({}) is not the hyphen of the keyboard", c, code_point(c));
    let replacement = "-".to_owned();
    Diagnostic::new(&TYPOGRAPHIC_DASH, message, span, "write `-`").with_edits(
        "write `-`",
        vec![Edit { span, replacement }],
        certainty,
    )
}

pub(super) fn foreign_sign(span: Span, c: char, right: Option<&str>) -> Diagnostic {
    let message = format!("the sign {} ({}) has no meaning in gl", c, code_point(c));
    match right.map(str::trim) {
        Some(right) => Diagnostic::new(&FOREIGN_LETTER, message, span, format!("write `{right}`")).with_sure_fix(
            format!("write `{right}`"),
            span,
            if right.starts_with(char::is_alphabetic) {
                format!(" {right} ")
            } else {
                right.to_string()
            },
        ),
        None => Diagnostic::new(
            &FOREIGN_LETTER,
            message,
            span,
            "only texts in quotes and comments may contain it",
        )
        .with_fix("leave it out", span, ""),
    }
}

pub(super) fn look_alike_letter(span: Span, right: &str, letter: char) -> Diagnostic {
    let message = format!(
        "`{right}` is written with the letter {letter} ({}) of another alphabet",
        code_point(letter)
    );
    Diagnostic::new(&LOOK_ALIKE_LETTER, message, span, "it only looks like an ASCII letter").with_sure_fix(
        format!("write `{right}` in ASCII letters"),
        span,
        right,
    )
}

pub(super) fn foreign_letter(span: Span, word: &str, letter: char, right: Option<&str>) -> Diagnostic {
    let message = format!(
        "{} contains the letter {letter} ({}), and names are ASCII",
        shown(word),
        code_point(letter)
    );
    match right {
        Some(right) => Diagnostic::new(&FOREIGN_LETTER, message, span, format!("write `{right}`")).with_fix(
            format!("write `{right}`"),
            span,
            right,
        ),
        None => Diagnostic::new(&FOREIGN_LETTER, message, span, "write this name in ASCII letters")
            .with_help("labels and texts in quotes may use any letters"),
    }
}

pub(super) fn not_normal_form(span: Span, normal: &str) -> Diagnostic {
    Diagnostic::new(
        &NOT_NORMAL_FORM,
        "the text is not in Unicode normal form C",
        span,
        "some letters here are composed of several signs",
    )
    .with_sure_fix("compose the letters", span, normal)
}

pub(super) fn unclosed_quote(opening: Span, end: Span) -> Diagnostic {
    Diagnostic::new(&UNCLOSED_QUOTE, "the quote is not closed", opening, "opened here")
        .with_label(end, "and not closed by the end of the line")
        .with_fix("close the quote at the end of the line", end, "\"")
}

pub(super) fn text_over_lines(opening: Span, whole: Span, joined: &str) -> Diagnostic {
    Diagnostic::new(
        &TEXT_OVER_LINES,
        "the text runs over the end of the line",
        opening,
        "this text does not end on its line",
    )
    .with_sure_fix("write it on one line", whole, joined)
}

pub(super) fn decimal_comma(span: Span, written: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        &DECIMAL_COMMA,
        format!("`{written}` is written with a comma"),
        span,
        "numbers have a decimal point",
    );
    let point = written.replacen(',', ".", 1).replace(',', "");
    let thousands = written.split(',').skip(1).all(|group| group.len() == 3);
    let title = format!("write `{point}`");
    match thousands {
        true => {
            let plain = written.replace(',', "");
            diagnostic
                .with_fix(title, span, point)
                .with_fix(format!("write `{plain}`"), span, plain)
        }
        false => diagnostic.with_sure_fix(title, span, point),
    }
}

pub(super) fn unknown_escape(pair: Span, backslash: Span, c: char) -> Diagnostic {
    let message = format!("`\\{}` means nothing in a text", c.escape_default());
    Diagnostic::new(&UNKNOWN_ESCAPE, message, pair, "only `\\\"` and `\\\\` have a meaning").with_sure_fix(
        "write the backslash twice",
        backslash,
        "\\\\",
    )
}

// ─── The entries ─────────────────────────────────────────────────────────────────────────────────────────────────────

declare_code! {
    /// A word or a sign stands where the declaration cannot go on with it.
    ///
    /// ## Why it matters
    /// What gl cannot read, no reader can check against the document; nothing is skipped in silence.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// rule second:
    ///   when fever
    ///   then review
    ///   cite S 12
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static UNEXPECTED_TEXT = "GL001" "unexpected-text", Error, "something does not belong here";
}

declare_code! {
    /// A word is almost, but not exactly, a keyword that would fit there.
    ///
    /// ## Why it matters
    /// gl never guesses in silence: a misspelt `unless` that was taken for something else could turn a rule around.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// whne fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static MISSPELT_KEYWORD = "GL002" "misspelt-keyword", Error, "a keyword is misspelt";
}

declare_code! {
    /// Keywords are lower case.
    ///
    /// ## Why it matters
    /// One way of writing keeps guidelines of many authors alike, and leaves capitals to names such as `MRI`.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// WHEN fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static UPPER_CASE_KEYWORD = "GL003" "upper-case-keyword", Error, "a keyword is written in capitals";
}

declare_code! {
    /// A sign such as `==` or `&&` stands where gl has a word.
    ///
    /// ## Why it matters
    /// A guideline must be readable aloud by somebody who has never programmed.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever && cough then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever and cough then review cite S
    /// ```
    pub static PROGRAMMING_SIGN = "GL004" "programming-sign", Error, "a sign from a programming language";
}

declare_code! {
    /// The colon after the head of a declaration is missing.
    ///
    /// ## Why it matters
    /// The colon separates a name from what it means.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static MISSING_COLON = "GL005" "missing-colon", Error, "a colon is missing";
}

declare_code! {
    /// After the condition of a rule, `then` and an effect are missing.
    ///
    /// ## Why it matters
    /// A rule without an effect advises nothing, and nobody would notice.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static MISSING_THEN = "GL006" "missing-then", Error, "a rule does not say what to do";
}

declare_code! {
    /// After `then`, the action is missing.
    ///
    /// ## Why it matters
    /// Advice without an action cannot be followed, compared or tested.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// rule second:
    ///   when fever
    ///   then urgent within hours
    ///   cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static MISSING_ACTION = "GL007" "missing-action", Error, "an effect names no action";
}

declare_code! {
    /// A word such as `and`, `not` or `when` is followed by no condition.
    ///
    /// ## Why it matters
    /// A forgotten half of a condition makes a rule fire for more patients, or fewer, than the document says.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever and then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static MISSING_CONDITION = "GL008" "missing-condition", Error, "a condition is missing";
}

declare_code! {
    /// `and` and `or` stand side by side without parentheses.
    ///
    /// ## Why it matters
    /// Two readers will understand such a sentence in two ways, and the patients between them get different advice.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// fact rash: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever and cough or rash then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// fact rash: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever and (cough or rash) then review cite S
    /// ```
    pub static MIXED_AND_OR = "GL009" "mixed-and-or", Error, "`and` is mixed with `or`";
}

declare_code! {
    /// A list of actions is joined by commas in one place and by `or` in another.
    ///
    /// ## Why it matters
    /// `a, b` asks for each of them, `a or b` for one of them; a mixture could mean either.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// action xray
    /// action swab
    /// source S "Source"
    ///
    /// when fever then review, xray or swab cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// action xray
    /// action swab
    /// source S "Source"
    ///
    /// when fever
    ///   then review
    ///   then xray or swab
    ///   cite S
    /// ```
    pub static MIXED_ACTIONS = "GL010" "mixed-actions", Error, "a list of actions mixes commas with `or`";
}

declare_code! {
    /// The parts of a list are joined by `and` instead of a comma.
    ///
    /// ## Why it matters
    /// `and` joins conditions; in a list of actions the comma means each of them, and a list has one form.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// action xray
    /// source S "Source"
    ///
    /// when fever then review and xray cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// action xray
    /// source S "Source"
    ///
    /// when fever then review, xray cite S
    /// ```
    pub static LIST_JOINED_BY_AND = "GL011" "list-joined-by-and", Error, "a list is joined by `and`";
}

declare_code! {
    /// There is no test for "is unknown" in a condition.
    ///
    /// ## Why it matters
    /// It would let a rule fire on ignorance and stop firing on knowledge. What was not recorded is unknown by itself, and a result
    /// names the facts that it still needs.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// rule ask:
    ///   when fever is unknown
    ///   then review
    ///   cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static TEST_FOR_UNKNOWN = "GL012" "test-for-unknown", Error, "a condition asks whether something is unknown";
}

declare_code! {
    /// A unit of time stands without its number.
    ///
    /// ## Why it matters
    /// "At least weeks" names no threshold; only `within hours`, `days`, `weeks` and `months` have a meaning without a number.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// rule again:
    ///   when fever
    ///   then review every weeks
    ///   cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review every 2 weeks cite S
    /// ```
    pub static MISSING_NUMBER = "GL013" "missing-number", Error, "a unit has no number";
}

declare_code! {
    /// A number stands where a duration with its unit is needed.
    ///
    /// ## Why it matters
    /// Two days and two weeks are different advice.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// rule soon:
    ///   when fever
    ///   then review within 2
    ///   cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review within 2 days cite S
    /// ```
    pub static MISSING_UNIT = "GL014" "missing-unit", Error, "a number has no unit";
}

declare_code! {
    /// A number has a comma between its digits.
    ///
    /// ## Why it matters
    /// 1,500 is one and a half to some readers and fifteen hundred to others.
    ///
    /// ## Bad
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "Source"
    ///
    /// when temperature over 38,5 "Cel" then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "Source"
    ///
    /// when temperature over 38.5 "Cel" then review cite S
    /// ```
    pub static DECIMAL_COMMA = "GL015" "decimal-comma", Error, "a number is written with a comma";
}

declare_code! {
    /// A rule begins with `when`, not with `if`.
    ///
    /// ## Why it matters
    /// `if` belongs to the remarks of a note (`only if`), which decide nothing.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// if fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static IF_INSTEAD_OF_WHEN = "GL016" "if-instead-of-when", Error, "`if` stands where gl says `when`";
}

declare_code! {
    /// The type of a fact is none of the seven that gl has.
    ///
    /// ## Why it matters
    /// The type decides which questions a condition may ask, and what a record may state.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: boolean
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static UNKNOWN_TYPE = "GL017" "unknown-type", Error, "a fact has a type that gl does not know";
}

declare_code! {
    /// A unit other than a unit of time stands without quotes.
    ///
    /// ## Why it matters
    /// Units are UCUM codes, which contain signs such as `/` and `[`; quotes keep them whole. In a record they may be left out.
    ///
    /// ## Bad
    /// ```gl
    /// fact weight: quantity in kg
    /// action review
    /// source S "Source"
    ///
    /// when weight over 100 "kg" then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact weight: quantity in "kg"
    /// action review
    /// source S "Source"
    ///
    /// when weight over 100 "kg" then review cite S
    /// ```
    pub static UNIT_WITHOUT_QUOTES = "GL018" "unit-without-quotes", Error, "a unit needs quotes";
}

declare_code! {
    /// A bracket was opened and not closed.
    ///
    /// ## Why it matters
    /// Where the bracket closes decides what belongs together.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when (fever or cough then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when (fever or cough) then review cite S
    /// ```
    pub static UNCLOSED_BRACKET = "GL019" "unclosed-bracket", Error, "a bracket is not closed";
}

declare_code! {
    /// `reconcile` ends with `because` and a reason.
    ///
    /// ## Why it matters
    /// Who settles a disagreement between two documents owes every later reader the reason.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// rule now:
    ///   when fever
    ///   then review
    ///   cite S
    ///
    /// rule not_now:
    ///   when fever
    ///   then avoid review
    ///   cite S
    ///
    /// reconcile now with not_now
    ///   prefer now
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// rule now:
    ///   when fever
    ///   then review
    ///   cite S
    ///
    /// rule not_now:
    ///   when fever
    ///   then avoid review
    ///   cite S
    ///
    /// reconcile now with not_now
    ///   prefer now because "fever is the more specific finding"
    /// ```
    pub static MISSING_BECAUSE = "GL020" "missing-because", Error, "a reconciliation gives no reason";
}

declare_code! {
    /// A clause that may stand once stands again in the same declaration.
    ///
    /// ## Why it matters
    /// Of two reasons or two years only one can be the one that was meant.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source" year 2024 year 2025
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source" year 2025
    ///
    /// when fever then review cite S
    /// ```
    pub static REPEATED_CLAUSE = "GL021" "repeated-clause", Error, "a clause stands twice";
}

declare_code! {
    /// Two things stand side by side without the comma of a list, or without the keyword that should join them.
    ///
    /// ## Why it matters
    /// Without it nobody can tell whether a word belongs to the list or is a slip.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when any of (fever cough) then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when any of (fever, cough) then review cite S
    /// ```
    pub static MISSING_COMMA = "GL022" "missing-comma", Error, "a comma is missing";
}

declare_code! {
    /// A word that conditions and effects need is used as a name.
    ///
    /// ## Why it matters
    /// A rule with a fact called `not` could not be read.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// fact within: yes/no
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static RESERVED_NAME = "GL023" "reserved-name", Error, "a word of the language is used as a name";
}

declare_code! {
    /// A comment begins with `#`, not with `//`, `/*` or `--`.
    ///
    /// ## Why it matters
    /// One sign for comments keeps them apart from what counts.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S // daily
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S  # daily
    /// ```
    pub static FOREIGN_COMMENT = "GL024" "foreign-comment", Error, "a comment begins in a foreign way";
}

declare_code! {
    /// A text in quotes does not end on the line on which it begins.
    ///
    /// ## Why it matters
    /// Without the closing quote, everything after it would be read as text, and text as rules.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no "Fever
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no "Fever"
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static UNCLOSED_QUOTE = "GL025" "unclosed-quote", Error, "a quote is not closed";
}

declare_code! {
    /// A text is enclosed in curly or single quotes.
    ///
    /// ## Why it matters
    /// Word processors replace quotes without asking; gl wants the straight double quote so that the ends of a text are certain.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S “Source”
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static TYPOGRAPHIC_QUOTE = "GL026" "typographic-quote", Error, "quotes of a word processor";
}

declare_code! {
    /// A no-break space, a zero-width space or another unusual space stands outside a text.
    ///
    /// ## Why it matters
    /// Such spaces cannot be seen, and two names that differ only by one look the same.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static ODD_SPACE = "GL027" "odd-space", Error, "a space that is no ordinary space";
}

declare_code! {
    /// A long dash or an unusual hyphen stands outside a text.
    ///
    /// ## Why it matters
    /// The number of a statement with a long dash is another number than the one in the document's list.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S from S–08
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S from S-08
    /// ```
    pub static TYPOGRAPHIC_DASH = "GL028" "typographic-dash", Error, "a dash of a word processor";
}

declare_code! {
    /// A name contains a Cyrillic, Greek or wide letter that looks like an ASCII letter.
    ///
    /// ## Why it matters
    /// Two names that look the same would be two facts, and a rule would wait for one that nobody records.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fеver then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static LOOK_ALIKE_LETTER = "GL029" "look-alike-letter", Error, "a letter from another alphabet";
}

declare_code! {
    /// A letter or sign beyond ASCII stands outside a text.
    ///
    /// ## Why it matters
    /// Names are ASCII so that everybody can type them; labels and texts may use any script.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action réview
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static FOREIGN_LETTER = "GL030" "foreign-letter", Error, "a letter or sign that names do not have";
}

declare_code! {
    /// The text contains a control character.
    ///
    /// ## Why it matters
    /// It cannot be seen, and other programs stop at it or hide what follows.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static CONTROL_CHARACTER = "GL031" "control-character", Error, "a control character";
}

declare_code! {
    /// The text contains a sign that changes the direction of writing.
    ///
    /// ## Why it matters
    /// With such a sign a text can look different from what is read: a reviewer would approve another rule than the one that runs.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S  # checked‏ twice
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S  # checked twice
    /// ```
    pub static DIRECTION_CONTROL = "GL032" "direction-control", Error, "an invisible sign that turns the direction of writing";
}

declare_code! {
    /// A text contains letters composed of several signs that have one sign of their own.
    ///
    /// ## Why it matters
    /// Two texts that look the same would not be found to be the same.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Résumé"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Résumé"
    ///
    /// when fever then review cite S
    /// ```
    pub static NOT_NORMAL_FORM = "GL033" "not-normal-form", Error, "a text is not in normal form C";
}

declare_code! {
    /// A date is written year, month, day: `2026-02-01`.
    ///
    /// ## Why it matters
    /// 01/02/2026 is the first of February to some readers and the second of January to others.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// case "fever"
    ///   given fever
    ///   on 2026/02/01
    ///   expect review
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// case "fever"
    ///   given fever
    ///   on 2026-02-01
    ///   expect review
    /// ```
    pub static WRONG_DATE = "GL034" "wrong-date", Error, "a date is written in another notation";
}

declare_code! {
    /// In a text, a backslash may stand only before a quote or another backslash.
    ///
    /// ## Why it matters
    /// What was meant, the sign itself or something else, cannot be told.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source\d"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source\\d"
    ///
    /// when fever then review cite S
    /// ```
    pub static UNKNOWN_ESCAPE = "GL035" "unknown-escape", Error, "a backslash means nothing here";
}

declare_code! {
    /// Text outside any declaration does not begin with the word for one.
    ///
    /// ## Why it matters
    /// gl skips nothing: text that was meant as a remark begins with `#`.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// This is a remark.
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// # This is a remark.
    /// ```
    pub static NO_DECLARATION = "GL036" "no-declaration", Error, "text that begins no declaration";
}

declare_code! {
    /// A declaration ends before it is complete.
    ///
    /// ## Why it matters
    /// What is missing was perhaps deleted by mistake.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// source
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static UNFINISHED_DECLARATION = "GL037" "unfinished-declaration", Error, "a declaration ends too early";
}

declare_code! {
    /// The units of time are minutes, hours, days, weeks, months and years, written out.
    ///
    /// ## Why it matters
    /// `m` is a minute, a month or a metre; written out, nobody has to guess.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review within 2 wks cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review within 2 weeks cite S
    /// ```
    pub static UNKNOWN_UNIT = "GL038" "unknown-unit", Error, "a unit of time is abbreviated or misspelt";
}

declare_code! {
    /// A comparison such as `over` or `at least` follows the fact directly, without `is`.
    ///
    /// ## Why it matters
    /// `is` tests for one value; one form for each question keeps conditions easy to compare.
    ///
    /// ## Bad
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "Source"
    ///
    /// when temperature is over 38.5 "Cel" then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "Source"
    ///
    /// when temperature over 38.5 "Cel" then review cite S
    /// ```
    pub static IS_BEFORE_COMPARISON = "GL039" "is-before-comparison", Error, "`is` stands before a comparison";
}

declare_code! {
    /// A word such as `of` or `when` is missing between two others.
    ///
    /// ## Why it matters
    /// With the word the sentence can be read aloud; without it, it can be completed in more than one way.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when any (fever, cough) then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when any of (fever, cough) then review cite S
    /// ```
    pub static MISSING_WORD = "GL040" "missing-word", Error, "a small word is missing";
}

declare_code! {
    /// A full stop, a semicolon or a curly bracket stands outside a text.
    ///
    /// ## Why it matters
    /// gl needs no sign at the end of a rule; the next declaration's word ends it.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S;
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static NEEDLESS_SIGN = "GL041" "needless-sign", Error, "a sign that gl does not use";
}

declare_code! {
    /// Numbers have no sign.
    ///
    /// ## Why it matters
    /// Durations, ages, counts and measurements of a patient are not negative; a dash before a number is usually a slip.
    ///
    /// ## Bad
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "Source"
    ///
    /// when temperature over 38 "Cel" then review cite S
    ///
    /// rule cold:
    ///   when temperature under -5 "Cel"
    ///   then review
    ///   cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "Source"
    ///
    /// when temperature over 38 "Cel" then review cite S
    /// ```
    pub static NEGATIVE_NUMBER = "GL042" "negative-number", Error, "a negative number";
}

declare_code! {
    /// A text in quotes goes on on the next line.
    ///
    /// ## Why it matters
    /// A text ends on the line on which it begins, so that a forgotten quote cannot swallow the rules below it.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S because "fever is
    ///   a sign of infection"
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S because "fever is a sign of infection"
    /// ```
    pub static TEXT_OVER_LINES = "GL043" "text-over-lines", Error, "a text runs over several lines";
}

declare_code! {
    /// A closing bracket has no opening one.
    ///
    /// ## Why it matters
    /// Where the bracket should open decides what belongs together.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever or cough) then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// fact cough: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when (fever or cough) then review cite S
    /// ```
    pub static UNOPENED_BRACKET = "GL044" "unopened-bracket", Error, "a bracket was never opened";
}

declare_code! {
    /// Numbers are written in digits.
    ///
    /// ## Why it matters
    /// Digits are read in one way and found by searching.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review within two weeks cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review within 2 weeks cite S
    /// ```
    pub static NUMBER_IN_WORDS = "GL045" "number-in-words", Error, "a number is written as a word";
}

declare_code! {
    /// Two numbers joined by a dash stand where one number is needed.
    ///
    /// ## Why it matters
    /// "Within 2-3 weeks" has two deadlines, and only one of them can be kept.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review within 2-3 weeks cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review within 3 weeks cite S
    /// ```
    pub static NUMBER_RANGE = "GL046" "number-range", Error, "a range stands where one number is needed";
}

declare_code! {
    /// A name is divided by a dash or a blank.
    ///
    /// ## Why it matters
    /// `kidney-disease` could be read as one name minus another, and `kidney disease` as two. Names have `_` instead.
    ///
    /// ## Bad
    /// ```gl
    /// fact kidney_disease: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when kidney-disease then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact kidney_disease: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when kidney_disease then review cite S
    /// ```
    pub static DIVIDED_NAME = "GL047" "divided-name", Error, "a name is divided";
}

declare_code! {
    /// A text stands without its quotes.
    ///
    /// ## Why it matters
    /// Without quotes gl cannot tell where the text ends, and would take its words for words of the language.
    ///
    /// ## Bad
    /// ```gl
    /// guideline fever "Fever" version 2026-01-15
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// guideline fever "Fever" version "2026-01-15"
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static TEXT_WITHOUT_QUOTES = "GL048" "text-without-quotes", Error, "a text has no quotes";
}

declare_code! {
    /// A part of a declaration stands where it cannot be read, and could be read elsewhere in the same declaration.
    ///
    /// ## Why it matters
    /// The parts of a declaration have one order, so that every reader finds them in the same place: a rule has `when`,
    /// `unless`, `then` with its action, deadline and exceptions, and then in any order `cite`, `from`, `evidence`, `because`
    /// and `overrides`; a reconciliation has `prefer` or `leave open`, `sealed`, `because`.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S within 2 weeks
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review within 2 weeks cite S
    /// ```
    pub static MISPLACED_PART = "GL049" "misplaced-part", Error, "a part of a declaration stands in the wrong place";
}

declare_code! {
    /// A file is larger than gl reads.
    ///
    /// ## Why it matters
    /// A guideline of this size was not written by hand; a limit protects those who check files that others send them.
    ///
    /// ## Bad
    /// No example: it takes more text than a page can hold; `gl limits` has the number.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static FILE_TOO_LARGE = "GL901" "file-too-large", Error, "a file is too large";
}

declare_code! {
    /// Brackets and `not` are nested more deeply than gl reads.
    ///
    /// ## Why it matters
    /// No reader can follow sixty-five levels, and one limit for all makes every computer give the same verdict.
    ///
    /// ## Bad
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    ///
    /// when (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((fever))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))) then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static TOO_DEEP = "GL902" "too-deep", Error, "brackets are nested too deeply";
}

declare_code! {
    /// A name is longer than gl reads.
    ///
    /// ## Why it matters
    /// A name has to fit on a line next to others; what it means belongs into its label.
    ///
    /// ## Bad
    /// ```gl
    /// fact feeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when feeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static NAME_TOO_LONG = "GL903" "name-too-long", Error, "a name is too long";
}

declare_code! {
    /// A text is longer than gl reads.
    ///
    /// ## Why it matters
    /// Such a text is usually a forgotten quote, or a document that belongs beside the guideline.
    ///
    /// ## Bad
    /// No example: it takes a text of many pages between two quotes; `gl limits` has the number.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static TEXT_TOO_LONG = "GL904" "text-too-long", Error, "a text is too long";
}

declare_code! {
    /// A number has more digits than gl reads.
    ///
    /// ## Why it matters
    /// Numbers are exact; a number of this length is a slip or no measurement.
    ///
    /// ## Bad
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "Source"
    ///
    /// when temperature over 38.5000000000000000001 "Cel" then review cite S
    /// ```
    ///
    /// ## Good
    /// ```gl
    /// fact temperature: quantity in "Cel"
    /// action review
    /// source S "Source"
    ///
    /// when temperature over 38.5 "Cel" then review cite S
    /// ```
    pub static NUMBER_TOO_LONG = "GL905" "number-too-long", Error, "a number has too many digits";
}

declare_code! {
    /// Reading stopped at a limit of the computer.
    ///
    /// ## Why it matters
    /// This should not happen with a text within the other limits; please report it.
    ///
    /// ## Bad
    /// No example: no file is known to do it.
    ///
    /// ## Good
    /// ```gl
    /// fact fever: yes/no
    /// action review
    /// source S "Source"
    ///
    /// when fever then review cite S
    /// ```
    pub static UNREADABLE = "GL906" "unreadable", Error, "a file could not be read to its end";
}
