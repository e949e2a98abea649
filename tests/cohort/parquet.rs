//! Parquet says what CSV says, in and out.

use super::{Folder, Person, cohort, folder_of, gl, long, read_csv, sixty, wide};
use crate::support::{Memory, Random, guideline_paths, guidelines_folder, patient_yaml};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int32Array, Int64Array, ListArray, NullArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt8Array,
};
use gl::Guidelines;
use gl::model::date_since_epoch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use std::fs;
use std::sync::Arc;

fn written(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    // Several groups of rows, none of the size that gl unpacks.
    written_as(
        columns,
        WriterProperties::builder().set_max_row_group_row_count(Some(700)).build(),
    )
}

fn written_as(columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) -> Vec<u8> {
    let columns = columns.into_iter().map(|(name, array)| {
        let has_nulls = array.logical_null_count() > 0;
        (name, array, has_nulls)
    });
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// A table of CSV as Parquet, with columns of truths, days, whole numbers or texts as their values allow.
pub fn of_csv(csv: &str) -> Vec<u8> {
    let names: Vec<String> = csv.lines().next().unwrap().split(',').map(str::to_owned).collect();
    let rows = read_csv(csv);
    let column = |place: usize| -> ArrayRef {
        let values: Vec<Option<&str>> = rows
            .iter()
            .map(|row| Some(row[place].as_str()).filter(|v| !v.is_empty()))
            .collect();
        let all = |fits: &dyn Fn(&str) -> bool| values.iter().flatten().all(|value| fits(value));
        if all(&|value| value == "yes" || value == "no") {
            return Arc::new(BooleanArray::from_iter(values.iter().map(|v| v.map(|v| v == "yes"))));
        }
        if all(&|value| value.parse::<jiff::civil::Date>().is_ok()) {
            let days = |v: &str| i32::try_from(gl::model::days_since_epoch(v.parse().unwrap())).unwrap();
            return Arc::new(Date32Array::from_iter(values.iter().map(|v| v.map(days))));
        }
        if all(&|value| value.parse::<i64>().is_ok()) {
            return Arc::new(Int64Array::from_iter(values.iter().map(|v| v.map(|v| v.parse().unwrap()))));
        }
        Arc::new(StringArray::from(values))
    };
    let columns = names.iter().enumerate().map(|(place, name)| (name.as_str(), column(place)));
    written(columns.collect())
}

/// The names and the rows of a file, as CSV has them.
fn read(bytes: Vec<u8>) -> Vec<Vec<String>> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
    let mut rows = vec![builder.schema().fields().iter().map(|f| f.name().clone()).collect()];
    for batch in builder.build().unwrap() {
        let batch = batch.unwrap();
        let text = |array: &ArrayRef, row: usize| match array.data_type() {
            _ if array.is_null(row) => String::new(),
            arrow_schema::DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
            arrow_schema::DataType::Boolean => array.as_boolean().value(row).to_string(),
            arrow_schema::DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
            arrow_schema::DataType::Date32 => {
                let days = array.as_primitive::<Date32Type>().value(row);
                date_since_epoch(days.into()).unwrap().to_string()
            }
            other => panic!("{other}"),
        };
        rows.extend((0..batch.num_rows()).map(|row| batch.columns().iter().map(|array| text(array, row)).collect()));
    }
    rows
}

/// A rejected row without what names its input: its file and its text.
fn reasons(rejects: &str) -> Vec<Vec<String>> {
    read_csv(rejects).into_iter().map(|row| row[2..6].to_vec()).collect()
}

#[test]
fn a_table_says_the_same_as_csv_and_as_parquet() {
    let files = guidelines_folder();
    let guidelines = Guidelines::load(&files, &guideline_paths(&files)).unwrap();
    let library = guidelines.library();
    let folder = folder_of(&files);
    let mut random = Random::new(74);
    let people: Vec<Person> = (0..1_500)
        .map(|_| {
            let known = 10 + random.below(80);
            super::person(library, patient_yaml(library, &mut random, known))
        })
        .collect();
    let (wide, mut long) = (wide(&people), long(&people));
    // A long table holds one type in `value`.
    long = long.replace(",yes,", ",true,").replace(",no,", ",false,");
    for (name, csv) in [("wide", &wide), ("long", &long)] {
        let (as_csv, as_parquet) = (format!("{name}.csv"), format!("{name}.parquet"));
        folder.write(&as_csv, csv);
        folder.write(&as_parquet, of_csv(csv));
        let expected = cohort(&folder, &as_csv, &[]);
        let found = cohort(&folder, &as_parquet, &[]);
        assert_eq!(expected.0, found.0, "{name}");
        assert!(expected.1 == found.1, "{name}");
        assert!(expected.1.lines().count() > 5_000 && reasons(&expected.2).len() > 5, "{name}");
        assert_eq!(reasons(&expected.2), reasons(&found.2), "{name}");
    }
}

#[test]
fn what_is_written_is_what_csv_has_for_any_number_of_threads() {
    let folder = sixty(1_500);
    folder.write(
        "wide.parquet",
        of_csv(&fs::read_to_string(folder.0.join("wide.csv")).unwrap()),
    );
    for report in ["effects", "disagreements", "counts"] {
        let (_, expected, rejects) = cohort(&folder, "wide.parquet", &["--report", report]);
        let mut first = None;
        for threads in ["1", "2", "3", "7"] {
            let arguments = [
                "cohort",
                "guidelines",
                "--input",
                "wide.parquet",
                "--output",
                "out.parquet",
                "--force",
            ];
            let (status, said) = gl(
                &folder.0,
                &[&arguments[..], &["--report", report, "--threads", threads]].concat(),
            );
            assert_eq!(status, 1, "{said}");
            let bytes = fs::read(folder.0.join("out.parquet")).unwrap();
            let summary = fs::read_to_string(folder.0.join("out.parquet.summary.json")).unwrap();
            assert!(summary.contains(&super::digest(&bytes)));
            assert_eq!(fs::read_to_string(folder.0.join("out.parquet.rejects.csv")).unwrap(), rejects);
            assert!(
                *first.get_or_insert_with(|| bytes.clone()) == bytes,
                "{report}, {threads} threads"
            );
        }
        let rows = read(first.unwrap());
        assert!(rows.len() > 1 && rows[1..] == read_csv(&expected), "{report}");
        assert_eq!(rows[0].join(","), expected.lines().next().unwrap());
    }
}

const FEVER: &str = "
    fact fever: yes/no
    fact age: quantity in years range 0 years..130 years
    fact visits: count
    fact onset: date
    fact severity: one of mild, severe
    fact deficits: any of motor, sensory
    action review
    source S \"A source\"
    when fever and age over 50 years and visits at least 2 and severity is severe and deficits includes motor then review cite S
    ";

/// What gl says of a table of such columns, with whoever is named in `patient_id`, and the rejects.
fn check(columns: Vec<(&str, ArrayRef)>, more: &[&str]) -> (i32, String, Vec<Vec<String>>) {
    let folder = Folder::new("parquet");
    folder.write("fever.gl", FEVER);
    let count = columns[0].1.len();
    let patients: ArrayRef = Arc::new(StringArray::from_iter_values((0..count).map(|n| format!("p{n}"))));
    folder.write("in.parquet", written([vec![("patient_id", patients)], columns].concat()));
    let arguments = [
        "cohort",
        "fever.gl",
        "--input",
        "in.parquet",
        "--output",
        "out.csv",
        "--units",
        "declared",
    ];
    let (status, said) = gl(&folder.0, &[&arguments[..], more].concat());
    let rejects = fs::read_to_string(folder.0.join("out.csv.rejects.csv")).unwrap_or_default();
    assert_eq!(folder.0.join("out.csv").exists(), status < 2, "{said}");
    (status, said, read_csv(&rejects))
}

/// Each value becomes the text that stands for it in CSV; nobody here is graver than `wrong`, so that all texts are shown.
#[test]
fn every_type_that_a_fact_can_have_is_read() {
    let decimals = |values: [i128; 3]| -> ArrayRef {
        Arc::new(
            Decimal128Array::from(values.to_vec())
                .with_precision_and_scale(10, 2)
                .unwrap(),
        )
    };
    let midnight = 20_000 * 86_400_000_000_i64;
    let ages: [(ArrayRef, [&str; 3]); 6] = [
        (
            Arc::new(Float64Array::from(vec![Some(54.5), None, Some(-0.0)])),
            ["54.5", "", "0"],
        ),
        (
            Arc::new(Float32Array::from(vec![Some(0.1), None, Some(70.0)])),
            ["0.1", "", "70"],
        ),
        (Arc::new(UInt8Array::from(vec![1, 2, 3])), ["1", "2", "3"]),
        (decimals([5450, 0, 7_000]), ["54.5", "0", "70"]),
        (Arc::new(StringArray::from(vec!["54.50", "", "70"])), ["54.50", "", "70"]),
        (Arc::new(NullArray::new(3)), ["", "", ""]),
    ];
    let days: [(ArrayRef, [&str; 3]); 3] = [
        (
            Arc::new(Date32Array::from(vec![Some(20_000), None, Some(-1)])),
            ["2024-10-04", "", "1969-12-31"],
        ),
        (
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(midnight),
                None,
                Some(-86_400_000_000),
            ])),
            ["2024-10-04", "", "1969-12-31"],
        ),
        (
            Arc::new(TimestampMicrosecondArray::from(vec![midnight; 3]).with_timezone("UTC")),
            ["2024-10-04"; 3],
        ),
    ];
    let visits: [(ArrayRef, [&str; 3]); 2] = [
        (Arc::new(Int32Array::from(vec![1, 2, 3])), ["1", "2", "3"]),
        (decimals([300, 0, 100]), ["3", "0", "1"]),
    ];
    let severity: DictionaryArray<arrow_array::types::Int32Type> = vec!["wrong"; 3].into_iter().collect();
    let severity: ArrayRef = Arc::new(severity);
    let motor: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]));
    for (age, ages) in &ages {
        for (onset, days) in &days {
            for (count, visits) in &visits {
                let columns = vec![
                    ("age", age.clone()),
                    ("onset", onset.clone()),
                    ("visits", count.clone()),
                    ("severity", severity.clone()),
                    ("deficits_motor", motor.clone()),
                ];
                let (status, said, rejects) = check(columns, &[]);
                assert_eq!((status, rejects.len()), (1, 3), "{said}");
                for (n, motor) in ["true", "", "false"].into_iter().enumerate() {
                    assert_eq!(rejects[n][3], "severity", "{rejects:?}");
                    let texts = format!("p{n},{},{},{},wrong,{motor}", ages[n], days[n], visits[n]);
                    assert_eq!(rejects[n][6], texts);
                }
            }
        }
    }
}

#[test]
fn a_value_that_is_none_of_its_fact_sets_its_patient_aside() {
    let midnight = 20_000 * 86_400_000_000_i64;
    let cases: [(&str, ArrayRef, &str); 8] = [
        ("age", Arc::new(Float64Array::from(vec![1.0, f64::NAN])), "`NaN` is no number"),
        (
            "age",
            Arc::new(Float64Array::from(vec![1.0, f64::INFINITY])),
            "`inf` is no number",
        ),
        ("age", Arc::new(Float64Array::from(vec![1.0, -2.5])), "`-2.5`"),
        ("age", Arc::new(Float64Array::from(vec![1.0, 1e300])), "more than 18 digits"),
        (
            "visits",
            Arc::new(Float64Array::from(vec![1.0, 2.5])),
            "`2.5` is no whole number",
        ),
        (
            "onset",
            Arc::new(TimestampMicrosecondArray::from(vec![midnight, midnight + 1])),
            "`2024-10-04T00:00:00.000001` is no date",
        ),
        ("onset", Arc::new(Date32Array::from(vec![0, i32::MAX])), "is no date"),
        ("severity", Arc::new(StringArray::from(vec!["mild", "grave"])), "grave"),
    ];
    for (name, array, expected) in cases {
        let (status, said, rejects) = check(vec![(name, array)], &["--as-of", "2026-02-01"]);
        assert_eq!((status, rejects.len()), (1, 1), "{name}: {said}");
        assert_eq!(rejects[0][1..4], ["2", "p1", name], "{rejects:?}");
        assert!(rejects[0][5].contains(expected), "{name}: {rejects:?}");
    }
}

#[test]
fn a_column_of_another_type_is_an_error_before_the_run() {
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>(vec![Some(vec![Some(1)])]);
    let cases: [(&str, ArrayRef, &str); 7] = [
        (
            "age",
            Arc::new(BooleanArray::from(vec![true])),
            "column `age` holds Boolean, and age is quantity",
        ),
        (
            "fever",
            Arc::new(Int64Array::from(vec![1])),
            "column `fever` holds Int64, and fever is yes/no",
        ),
        (
            "onset",
            Arc::new(Float64Array::from(vec![1.0])),
            "column `onset` holds Float64, and onset is date",
        ),
        (
            "severity",
            Arc::new(Date32Array::from(vec![1])),
            "column `severity` holds Date32, and severity is one of 2",
        ),
        (
            "deficits_motor",
            Arc::new(Int64Array::from(vec![1])),
            "deficits includes motor is yes/no",
        ),
        ("deficits", Arc::new(lists.clone()), "and deficits is any of 2"),
        (
            "severity",
            Arc::new(BinaryArray::from_vec(vec![b"mild"])),
            "holds Binary, and severity is one of 2",
        ),
    ];
    for (name, array, expected) in cases {
        let (status, said, _) = check(vec![(name, array)], &[]);
        assert!(
            status == 2 && said.contains(expected) && said.contains("GL505"),
            "{name}: {said}"
        );
    }
    // What is left out is not read, whatever it is.
    let left_out: Vec<(&str, ArrayRef)> = vec![
        ("fever", Arc::new(BooleanArray::from(vec![true]))),
        ("lists", Arc::new(lists)),
        ("postcode", Arc::new(Int64Array::from(vec![1010]))),
    ];
    let (status, said, _) = check(left_out, &["--ignore", "lists", "--ignore", "postcode"]);
    assert_eq!(status, 0, "{said}");
}

#[test]
fn numbers_that_gl_toml_gives_a_meaning_are_words() {
    let folder = Folder::new("parquet");
    folder.write("fever.gl", FEVER);
    folder.write(
        "gl.toml",
        "[cohort.columns]\nhot = { fact = \"fever\", values = { 1 = \"yes\", 0 = \"no\", 9 = \"unknown\" } }\n",
    );
    let patients: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
    let hot: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 0.0, 9.0, 2.0]));
    folder.write("in.parquet", written(vec![("patient_id", patients), ("hot", hot)]));
    let (status, said) = gl(&folder.0, &["cohort", ".", "--input", "in.parquet", "--output", "out.csv"]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("3 evaluated, 1 rejected"), "{said}");
}

/// A file that is cut, or whose rows are gone, gives an error and no output.
#[test]
fn a_damaged_file_is_an_error_and_leaves_nothing() {
    let folder = Folder::new("parquet");
    folder.write("fever.gl", FEVER);
    let csv: String = (0..2_000).map(|n| format!("{n},{}\n", ["yes", "no", ""][n % 3])).collect();
    let whole = of_csv(&format!("patient_id,fever\n{csv}"));
    let arguments = [
        "cohort",
        "fever.gl",
        "--input",
        "in.parquet",
        "--output",
        "out.csv",
        "--force",
    ];
    let run = |bytes: &[u8]| {
        let _ = fs::remove_file(folder.0.join("out.csv"));
        folder.write("in.parquet", bytes);
        gl(&folder.0, &arguments)
    };
    assert_eq!(run(&whole).0, 0);
    for cut in [0, 1, 7, 8, 100, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let (status, said) = run(&whole[..cut]);
        assert!(status == 2 && said.contains("`in.parquet` cannot be read: "), "{cut}: {said}");
        assert!(!folder.0.join("out.csv").exists(), "{cut}");
    }
    let (status, said) = run(b"patient_id,fever\n1,yes\n");
    assert!(status == 2 && said.contains("`in.parquet` cannot be read: "), "{said}");
    // Rows that are missing in the middle: what the end of the file tells of is not there.
    let mut holed = whole.clone();
    holed[4..whole.len() / 2].fill(0);
    let (status, said) = run(&holed);
    assert!(status == 2 && !folder.0.join("out.csv").exists(), "{said}");
    // Single bytes: whatever the file then says, gl is not the one that is wrong. The library panics at some of them.
    let mut random = Random::new(79);
    let mut panics = 0;
    for _ in 0..120 {
        let mut changed = whole.clone();
        let place = whole.len() - 9 - random.below(whole.len().min(700));
        changed[place] = changed[place].wrapping_add(1 + random.below(255) as u8);
        let (status, said) = run(&changed);
        assert!(status <= 2, "{place}: {said}");
        assert_eq!(folder.0.join("out.csv").exists(), status < 2, "{place}: {said}");
        panics += usize::from(said.contains("what it says of itself does not hold"));
    }
    assert!(panics > 0);
}

#[test]
fn parquet_is_a_file_on_either_side() {
    let folder = Folder::new("parquet");
    folder.write("fever.gl", FEVER);
    folder.write("in.csv", "patient_id,fever\n1,yes\n");
    let input = [
        "cohort",
        "fever.gl",
        "--input",
        "-",
        "--input-format",
        "parquet",
        "--output",
        "out.csv",
    ];
    let (status, said) = gl(&folder.0, &input);
    assert!(status == 2 && said.contains("`-` cannot be read as Parquet"), "{said}");
    let output = [
        "cohort",
        "fever.gl",
        "--input",
        "in.csv",
        "--output",
        "-",
        "--output-format",
        "parquet",
    ];
    let (status, said) = gl(&folder.0, &output);
    assert!(status == 2 && said.contains("give `--output` a name"), "{said}");
}

/// Several files are one population, and what an interrupted run wrote never has the name of the output.
#[test]
fn several_files_are_read_in_their_order() {
    let files = Memory::default().with("fever.gl", FEVER);
    let folder = folder_of(&files);
    let mut all = "patient_id,fever\n".to_owned();
    for part in 0..3 {
        let rows: String = (0..900).map(|n| format!("{},yes\n", part * 900 + n)).collect();
        folder.write(&format!("{part}.parquet"), of_csv(&format!("patient_id,fever\n{rows}")));
        all.push_str(&rows);
    }
    folder.write("all.csv", all);
    let (_, expected, _) = cohort(&folder, "all.csv", &[]);
    let (_, found, _) = cohort(&folder, "0.parquet", &["--input", "1.parquet", "2.parquet"]);
    assert!(expected == found && expected.lines().count() == 2_701);
}

const MIXED: &str = "
    guideline mixed \"Mixed\" version \"1\" status active
      applies when not hot or pain
    fact hot: yes/no default no
    fact pain: yes/no
    fact age: quantity in years range 0 years..130 years
    fact dose: quantity in \"mg\"
    fact first: quantity in days
    fact second: quantity in days
    fact visits: count
    fact onset: date
    fact duration: time since onset
    fact severity: one of mild < moderate < severe
    fact deficits: any of motor, sensory
    assume hot implies pain
    assume first at most second
    assume at most one of (hot, deficits includes sensory)
    action scan
    action rest
    source S \"A source\"
    rule old: when age at least 65 years and not hot then recommend scan cite S
    rule young: when age under 65 years or severity at least moderate then avoid scan cite S
    rule dosed: when dose over 0.3 \"mg\" and visits at least 2 then recommend rest cite S
    rule late: when duration at least 6 weeks or first over 10 days then consider scan within 2 weeks cite S
    rule both: when (deficits includes motor and pain) or second is 11 days then recommend scan cite S overrides young
    ";

/// A column as Parquet has it, and the texts that stand for it in CSV.
fn mixed(random: &mut Random, rows: usize) -> (Vec<(&'static str, ArrayRef)>, Vec<Vec<String>>) {
    fn texts<T: Clone>(values: &[Option<T>], text: impl Fn(T) -> String) -> Vec<String> {
        values.iter().map(|v| v.clone().map(&text).unwrap_or_default()).collect()
    }
    fn pick<T: Clone>(random: &mut Random, rows: usize, usual: &[T], rare: &[T]) -> Vec<Option<T>> {
        (0..rows)
            .map(|_| match random.below(200) {
                0..40 => None,
                40 if !rare.is_empty() => Some(random.pick(rare).clone()),
                _ => Some(random.pick(usual).clone()),
            })
            .collect()
    }
    let mut columns: Vec<(&'static str, ArrayRef)> = Vec::new();
    let mut written = Vec::new();
    let patients: Vec<Option<String>> = (0..rows)
        .map(|n| match random.below(300) {
            0 => None,
            1 => Some(" ".to_owned()),
            2 => Some(format!(" p{n}")),
            _ => Some(format!("p{n}")),
        })
        .collect();
    written.push(texts(&patients, |v| v));
    columns.push(("patient_id", Arc::new(StringArray::from(patients))));
    for name in ["hot", "pain", "deficits_motor", "deficits_sensory"] {
        let values = pick(random, rows, &[true, false, false], &[]);
        written.push(texts(&values, |v| v.to_string()));
        columns.push((name, Arc::new(BooleanArray::from(values))));
    }
    let values = pick(random, rows, &[0_i64, 64, 65, 66, 130], &[131, -1, i64::MAX]);
    written.push(texts(&values, |v| v.to_string()));
    columns.push(("age", Arc::new(Int64Array::from(values))));
    let words = ["years", "years", "years", "months"].map(str::to_owned);
    let values = pick(
        random,
        rows,
        &words,
        &["ages".to_owned(), " ".to_owned(), String::new(), "kg".to_owned()],
    );
    written.push(texts(&values, |v| v));
    columns.push(("age_unit", Arc::new(StringArray::from(values))));
    let near = [0.3, 0.1 + 0.2, 0.299_999_999_999_999_9, 0.25, 7.0, 0.0, -0.0];
    let values = pick(random, rows, &near, &[f64::NAN, f64::INFINITY, -0.3, 1e-300, 1e300]);
    written.push(texts(&values, |v: f64| (v + 0.0).to_string()));
    columns.push(("dose", Arc::new(Float64Array::from(values))));
    for name in ["first", "second"] {
        let values = pick(random, rows, &[1_000_i128, 1_001, 1_100, 999], &[-1]);
        written.push(texts(&values, |v| {
            let text = rust_decimal::Decimal::from_i128_with_scale(v, 2).normalize();
            text.to_string()
        }));
        let array = Decimal128Array::from(values).with_precision_and_scale(10, 2).unwrap();
        columns.push((name, Arc::new(array)));
    }
    let values = pick(random, rows, &[0, 1, 2, 3], &[-2]);
    written.push(texts(&values, |v| v.to_string()));
    columns.push(("visits", Arc::new(Int32Array::from(values))));
    let today = i32::try_from(gl::model::days_since_epoch("2026-02-01".parse().unwrap())).unwrap();
    let day = |days: i32| date_since_epoch(days.into()).unwrap().to_string();
    let values = pick(random, rows, &[today - 42, today - 41, today - 43, today], &[today + 1]);
    written.push(texts(&values, day));
    columns.push(("onset", Arc::new(Date32Array::from(values))));
    let values = pick(random, rows, &[today, today, today + 1, today - 1], &[]);
    written.push(texts(&values, day));
    columns.push(("as_of", Arc::new(Date32Array::from(values))));
    let words = ["mild", "moderate", "severe"].map(str::to_owned);
    let values = pick(random, rows, &words, &["unknown", "grave", " mild ", "  "].map(str::to_owned));
    written.push(texts(&values, |v| v));
    let array: DictionaryArray<arrow_array::types::Int32Type> = values.iter().map(Option::as_deref).collect();
    columns.push(("severity", Arc::new(array)));
    (columns, written)
}

/// However a writer lays out its pages, with dictionaries or without, in parts or in one, a table by columns says what it says by rows.
#[test]
fn pages_of_every_form_say_the_same() {
    let files = Memory::default().with("mixed.gl", MIXED);
    let folder = folder_of(&files);
    folder.write(
        "gl.toml",
        "[cohort.columns]\ndose = { fact = \"dose\", unit = \"mg\" }\nfirst = { fact = \"first\", unit = \"days\" }\nsecond = { fact = \"second\", unit = \"days\" }\n",
    );
    // More rows than are unpacked at a time.
    let count = 9_000;
    let (mut columns, _) = mixed(&mut Random::new(78), count);
    for (name, array) in &mut columns {
        match *name {
            "visits" => *array = Arc::new(Int32Array::from(vec![None; count])),
            "deficits_motor" => *array = Arc::new(BooleanArray::from(vec![None; count])),
            // Everybody is one or the other, in runs.
            "pain" => *array = Arc::new(BooleanArray::from((0..count).map(|n| n % 997 < 400).collect::<Vec<bool>>())),
            // So many that a dictionary of a small size is full before the end.
            "patient_id" => *array = Arc::new(Int64Array::from((0..count as i64).collect::<Vec<i64>>())),
            _ => {}
        }
    }
    let form = WriterProperties::builder;
    let second = WriterVersion::PARQUET_2_0;
    let forms = [
        form().build(),
        form()
            .set_dictionary_enabled(false)
            .set_compression(Compression::SNAPPY)
            .build(),
        form().set_dictionary_page_size_limit(20).set_write_batch_size(64).build(),
        form().set_data_page_row_count_limit(100).set_write_batch_size(50).build(),
        form().set_writer_version(second).set_compression(Compression::SNAPPY).build(),
        form().set_writer_version(second).set_dictionary_enabled(false).build(),
        form()
            .set_writer_version(second)
            .set_data_page_row_count_limit(77)
            .set_write_batch_size(33)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build(),
        form().set_max_row_group_row_count(Some(8_192)).build(),
    ];
    let run = |engine: &str| {
        cohort(
            &folder,
            "in.parquet",
            &["--report", "counts", "--engine", engine, "--threads", "2"],
        )
    };
    let mut expected = None;
    for (number, form) in forms.into_iter().enumerate() {
        folder.write("in.parquet", written_as(columns.clone(), form));
        let expected = expected.get_or_insert_with(|| run("rows"));
        assert!(expected.1.lines().count() > 5 && expected.2.lines().count() > 20);
        assert!(run("columns") == *expected, "form {number}");
    }
}

/// Nulls, values on thresholds and beside them, values that nobody can have: by columns or by rows, in Parquet or in CSV, everybody is
/// told the same and is set aside for the same reasons. `PATIENTS` says how many there are.
#[test]
fn columns_rows_and_csv_say_the_same_of_everybody() {
    let count = std::env::var("PATIENTS").map_or(1_000, |count| count.parse().unwrap());
    let files = Memory::default().with("mixed.gl", MIXED);
    let folder = folder_of(&files);
    folder.write(
        "gl.toml",
        "[cohort.columns]\ndose = { fact = \"dose\", unit = \"mg\" }\nfirst = { fact = \"first\", unit = \"days\" }\nsecond = { fact = \"second\", unit = \"days\" }\n",
    );
    let mut random = Random::new(77);
    let (columns, texts) = mixed(&mut random, count);
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(columns.iter().map(|(name, _)| name)).unwrap();
    (0..count).for_each(|row| csv.write_record(texts.iter().map(|column| &column[row])).unwrap());
    folder.write("in.csv", csv.into_inner().unwrap());
    folder.write("in.parquet", written(columns));
    for report in ["effects", "disagreements", "counts"] {
        for more in [&["--unlisted", "no"][..], &[], &["--as-of", "2026-02-01"]] {
            let arguments = [&["--report", report], more].concat();
            let run = |input: &str, engine: &str, threads: &str| {
                cohort(
                    &folder,
                    input,
                    &[&arguments[..], &["--engine", engine, "--threads", threads]].concat(),
                )
            };
            let expected = run("in.csv", "rows", "1");
            assert!(expected.1.lines().count() > 5 && expected.2.lines().count() > 20, "{report}");
            let as_csv = run("in.csv", "columns", "2");
            assert!(as_csv == expected, "{report} {more:?}");
            let by_rows = run("in.parquet", "rows", "1");
            assert!(by_rows.1 == expected.1, "{report} {more:?}");
            assert_eq!(reasons(&by_rows.2), reasons(&expected.2), "{report} {more:?}");
            for threads in ["1", "2", "5"] {
                assert!(
                    run("in.parquet", "columns", threads) == by_rows,
                    "{report} {more:?} {threads}"
                );
            }
        }
    }
}
