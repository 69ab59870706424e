//! Lists as people keep them.

use super::super::fixture::{Folder, ignored, values};

#[test]
fn every_kind_of_line_is_read() {
    let folder = Folder::with(
        "\u{feff}# a report\r\n192.0.2.1\r\n198.51.100.0/24 # range\r\nevil[.]example\r\nhxxps://evil[.]example[/]x\r\n\
         0.0.0.0 ads.example\r\n127.0.0.1\tother.example ; note\r\n\"quoted.example\",\r\n// nothing\r\n! nothing\r\n\r\n",
    );
    let table = folder.read("feed");
    assert_eq!(
        values(&table),
        [
            "192.0.2.1",
            "198.51.100.0/24",
            "ads.example",
            "evil.example",
            "https://evil.example/x",
            "other.example",
            "quoted.example"
        ]
    );
    assert_eq!((table.facts[0].format.as_str(), table.facts[0].records), ("text list", 7));
}

#[test]
fn what_is_no_value_is_counted_with_its_line() {
    let table =
        Folder::with(b"192.0.2.1\n192.0.2.2\nevil.example\n10.0.0.1\ntwo words here\n\xff\n1.2.3.999\n").read("feed");
    assert_eq!(table.indicators.len(), 3);
    assert_eq!(
        ignored(&table.facts[0]),
        ["not an address or prefix=1", "private, loopback, link-local or multicast range=1", "unreadable record=2"]
    );
    assert_eq!(table.facts[0].rejected_examples[1], "line 5: two words here (several values)");
}

#[test]
fn prose_and_tables_are_no_list() {
    for text in ["Dear all,\nplease see the report.\n", "name,count\nx,1\ny,2\n", "DeviceName\nwks-1\nwks-2\n"] {
        let message = Folder::with(text).error("feed");
        assert!(message.contains("of no known kind"), "{message}");
    }
}
