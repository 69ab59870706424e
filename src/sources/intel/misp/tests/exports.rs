//! The CSV export with every set of columns.

use super::super::super::fixture::{Folder, ignored, only, values};
use crate::model::Micros;

const HEADER: &str = "uuid,event_id,category,type,value,comment,to_ids,date,object_relation,attribute_tag";
const OBJECT: &str = "object_uuid,object_name,object_meta_category";
const CONTEXT: &str = "event_info,event_member_org,event_source_org,event_distribution,event_threat_level_id,event_analysis,event_date,event_tag,event_timestamp";
const ROW: &str = r#""0e1d0000-0000-4000-8000-000000000001",7,"Network activity","ip-dst|port","192.0.2.1|443","say ""x"",
then y",1,1772755200,"","tlp:green,misp:confidence-level=""usually-confident""""#;

#[test]
fn every_set_of_columns_is_read_with_and_without_its_header() {
    let context = r#""Invented","Host","Lab",3,2,1,2026-03-01,"tlp:red,x",1772755200"#;
    for (columns, cells, has_context) in [
        (format!("{HEADER},{OBJECT}"), format!("{ROW},,,"), false),
        (
            format!("{HEADER},decay_score_score,decay_score_decayed,{OBJECT}"),
            format!(r#"{ROW},33.5,0,"","file","file""#),
            false,
        ),
        (format!("{HEADER},{OBJECT},{CONTEXT}"), format!(r#"{ROW},"","","",{context}"#), true),
        (
            format!("{HEADER},decay_score_score,decay_score_decayed,{OBJECT},{CONTEXT}"),
            format!("{ROW},33.5,1,,,,{context}"),
            true,
        ),
    ] {
        for text in [format!("{columns}\n{cells}\n\n"), format!("{cells}\n\n"), format!("\u{feff}{columns}\r\n{cells}")]
        {
            let table = Folder::with(&text).read("feed");
            let indicator = only(&table);
            assert_eq!((indicator.value, indicator.port, indicator.to_ids), ("192.0.2.1", Some(443), Some(true)));
            assert_eq!((indicator.confidence, indicator.tlp), (Some(75.0), Some("green")), "{text}");
            assert_eq!(indicator.valid_from, Micros::parse("2026-03-06"));
            assert_eq!(indicator.id, Some("0e1d0000-0000-4000-8000-000000000001"));
            assert_eq!(indicator.source, Some(if has_context { "Lab" } else { "feed" }));
            assert_eq!(indicator.name, has_context.then_some("Invented"));
            assert_eq!(indicator.tags.is_some_and(|tags| tags.ends_with(",tlp:red,x")), has_context);
            assert_eq!((table.facts[0].records, table.facts[0].format.as_str()), (1, "MISP (CSV)"));
        }
    }
}

#[test]
fn the_first_eight_columns_are_enough() {
    let row = "0e1d0000-0000-4000-8000-000000000001,7,Network activity,domain,evil.example,,0,1772755200\n";
    for text in [row.to_string(), "uuid,event_id,category,type,value,comment,to_ids,date\n".to_string() + row] {
        let table = Folder::with(text).read("feed");
        assert_eq!((only(&table).value, only(&table).to_ids), ("evil.example", Some(false)));
    }
}

#[test]
fn chosen_columns_may_stand_in_any_order() {
    let text = "value,to_ids,type,last_seen,deleted\n192.0.2.1,0,ip-src,2026-04-01,0\nx.example,1,domain,,1\n";
    let table = Folder::with(text).read("feed");
    assert_eq!((only(&table).value, only(&table).valid_until), ("192.0.2.1", Micros::parse("2026-04-01")));
    assert_eq!(ignored(&table.facts[0]), ["deleted=1"]);
}

#[test]
fn joined_exports_repeat_their_header() {
    let header = format!("{HEADER},{OBJECT}");
    let table =
        Folder::with(format!("{header}\n{ROW},,,\n\n{header}\n{}\n", ROW.replace("192.0.2.1", "192.0.2.2") + ",,,"))
            .read("feed");
    assert_eq!(values(&table), ["192.0.2.1", "192.0.2.2"]);
    assert_eq!(table.facts[0].records, 2);
}

#[test]
fn broken_lines_are_counted_and_shown() {
    let header = format!("{HEADER},{OBJECT}\n");
    let mut text = format!("{header}{ROW},,,\nshort,1\n").into_bytes();
    text.extend(b"u,1,c,ip-dst,192.0.2.3,caf\xe9,1,0,,,,,\n");
    text.extend(b"u,1,c,ip-dst,,,1,0,,,,,\n");
    let table = Folder::with(text).read("feed");
    assert_eq!(values(&table), ["192.0.2.1"]);
    let facts = &table.facts[0];
    assert_eq!((ignored(facts), facts.records), (vec!["unreadable record=3".to_string()], 4));
    assert_eq!(
        facts.rejected_examples,
        [
            "line 4: 2 cells, but the table has 13",
            "line 5: not UTF-8 text",
            "line 6: an attribute without type or value",
        ]
    );
}

#[test]
fn a_header_without_rows_is_an_empty_export() {
    let table = Folder::with(format!("{HEADER}\n")).read("feed");
    assert_eq!((table.indicators.len(), table.facts[0].records), (0, 0));
}

#[test]
fn a_table_without_one_readable_row_is_an_error() {
    let error = Folder::with(format!("{HEADER}\nshort\n")).error("feed");
    assert!(error.contains("none of 1 records can be read; line 2: 1 cells, but the table has 10"), "{error}");
}
