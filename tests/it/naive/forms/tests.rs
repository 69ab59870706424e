//! Every form, written and read back with the plain Parquet reader.

use std::fs::File;

use arrow::array::{Array as _, AsArray as _};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Int64Type, TimeUnit, TimestampNanosecondType};
use arrow::record_batch::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::super::event::{Number, blank};
use super::time::{Unit, Zone};
use super::*;

/// 2026-03-10T00:00:00.123456789Z.
const NANOS: i64 = 1_773_100_800_123_456_789;

fn form(time: TimeForm) -> Form {
    Form {
        time,
        time_name: "Timestamp",
        generated_too: false,
        ports: [NumberForm::Int32, NumberForm::DecimalText],
        report: NumberForm::Double,
        fields: FieldsForm::StructOfNumber,
        leave_out_empty: true,
        layout: Layout::Flat,
        late_days: 0,
        writing: Writing {
            text_types: u64::MAX,
            rotate: 3,
            codec: Compression::SNAPPY,
            row_group_rows: 1,
            dictionary: true,
            dictionary_bytes: 1,
            page_bytes: 1,
            page_places: true,
            statistics: EnabledStatistics::Page,
        },
    }
}

fn events() -> Vec<Event> {
    let first = Event {
        time: Some(When::Nanos(NANOS)),
        remote_ip: Some("192.0.2.7".into()),
        remote_port: Some(Number::Whole(443)),
        local_port: Some(Number::Whole(80)),
        fields: Some(r#"{"direction":"In","uniqueEventsAggregated":"12","x":1}"#.into()),
        ..blank()
    };
    vec![first, Event { fields: Some("{}".into()), ..blank() }, blank()]
}

fn read(folder: &Path) -> RecordBatch {
    let file = File::open(folder.join("part-0.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_batch_size(2).build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

#[test]
fn a_form_cuts_what_it_cannot_hold() {
    for (time, want) in [
        (TimeForm::Int96, NANOS),
        (TimeForm::Typed(Unit::Millis, true), 1_773_100_800_123_000_000),
        (TimeForm::DoubleSeconds, 1_773_100_800_123_456_000),
        (TimeForm::Iso(0, false, Zone::Z), 1_773_100_800_000_000_000),
        (TimeForm::Iso(7, false, Zone::Z), 1_773_100_800_123_456_700),
    ] {
        let held = form(time).holds(&events()[0]);
        assert_eq!(held.time, Some(When::Nanos(want)), "{time:?}");
        assert_eq!(held.fields.as_deref(), Some(r#"{"direction":"In","uniqueEventsAggregated":12}"#));
        assert_eq!((held.remote_port, held.local_port), (Some(Number::Whole(443)), Some(Number::Text("80.0".into()))));
    }
}

#[test]
fn arrow_and_int96_files_hold_the_same() {
    for time in [TimeForm::Int96, TimeForm::Typed(Unit::Nanos, false)] {
        let folder = tempfile::tempdir().unwrap();
        let held = form(time).store(folder.path(), 0, &events());
        let batch = read(folder.path());
        let column = |name: &str| batch.column_by_name(name).unwrap().clone();
        assert_eq!(batch.num_columns(), 5, "{:?}", batch.schema());
        let times = cast(&column("Timestamp"), &DataType::Timestamp(TimeUnit::Nanosecond, None)).unwrap();
        let times: Vec<Option<i64>> = times.as_primitive::<TimestampNanosecondType>().iter().collect();
        assert_eq!(times, [Some(NANOS), None, None]);
        let addresses = cast(&column("RemoteIP"), &DataType::Utf8).unwrap();
        assert_eq!(addresses.as_string::<i32>().iter().collect::<Vec<_>>(), [Some("192.0.2.7"), None, None]);
        let fields = column("AdditionalFields");
        assert_eq!((fields.is_null(1), fields.is_null(2)), (false, true));
        let numbers = fields.as_struct().column(1);
        assert_eq!(numbers.as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(12), None, None]);
        assert_eq!(held[1].fields.as_deref(), Some("{}"));
    }
}

#[test]
fn iso_text_says_the_same_instant_in_every_zone() {
    for (time, want) in [
        (TimeForm::Iso(0, true, Zone::Z), "2026-03-10T00:00:00Z"),
        (TimeForm::Iso(3, false, Zone::Zero), "2026-03-10T00:00:00.123+00:00"),
        (TimeForm::Iso(7, true, Zone::TwoEast), "2026-03-10T02:00:00.1234567+02:00"),
        (TimeForm::Iso(9, false, Zone::None), "2026-03-10T00:00:00.123456789"),
    ] {
        let Column::Text(texts) = time.column(&events()) else { unreachable!("text") };
        assert_eq!(texts[0].as_deref(), Some(want));
    }
}

#[test]
fn dated_folders_are_those_of_the_events_or_of_their_delivery() {
    let form = Form { layout: Layout::Ymd, late_days: 1, ..form(TimeForm::Int96) };
    assert_eq!(form.folder(&events()[0]), "year=2026/month=03/day=11");
    assert_eq!(Form { layout: Layout::Date, late_days: 0, ..form }.folder(&events()[0]), "date=2026-03-10");
}
