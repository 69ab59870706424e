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
fn a_list_of_prefixes_that_are_too_wide_is_a_list_without_a_usable_one() {
    let table = Folder::with("0.0.0.0/0\n10.0.0.0/7\n::/0\n").read("feed");
    assert_eq!((table.facts[0].format.as_str(), table.indicators.len()), ("text list", 0));
    assert_eq!(ignored(&table.facts[0]), ["prefix wider than /8 (IPv4) or /16 (IPv6)=3"]);
}

#[test]
fn prose_and_tables_are_no_list() {
    for text in ["Dear all,\nplease see the report.\n", "name,count\nx,1\ny,2\n", "DeviceName\nwks-1\nwks-2\n"] {
        let message = Folder::with(text).error("feed");
        assert!(message.contains("of no known kind"), "{message}");
    }
}

#[test]
fn ports_and_urls_without_scheme_are_read() {
    let table =
        Folder::with("192.0.2.1:443\n[2001:db8::1]:8443\nevil.example:80\nevil.example/x\nevil[.]example[:]8080/y\n");
    let table = table.read("feed");
    let got: Vec<_> = table.indicators.iter().map(|one| (one.value, one.port)).collect();
    assert_eq!(
        got,
        [
            ("192.0.2.1", Some(443)),
            ("2001:db8::1", Some(8443)),
            ("evil.example", Some(80)),
            ("evil.example/x", None),
            ("evil.example:8080/y", None)
        ]
    );
}

#[test]
fn a_hosts_file_is_read_by_its_names() {
    let table = Folder::with(
        "127.0.0.1 localhost\n::1 localhost ip6-localhost\n0.0.0.0 0.0.0.0\n0.0.0.0 a.example b.example # two\n",
    )
    .read("feed");
    assert_eq!(values(&table), ["a.example", "b.example"]);
    assert_eq!(ignored(&table.facts[0]), ["not a domain name=3", "private, loopback, link-local or multicast range=1"]);
    assert_eq!(table.facts[0].rejected_examples[0], "line 1: localhost (not a domain name)");
}

#[test]
fn comments_may_be_all_that_the_head_shows() {
    let license = "# every line of this list is one address\n".repeat(200);
    for text in ["# one\n192.0.2.1".to_owned(), "192.0.2.1".to_owned(), format!("{license}192.0.2.1\n")] {
        assert_eq!(values(&Folder::with(text).read("feed")), ["192.0.2.1"]);
    }
    // A list that is empty today is no wrong file.
    assert!(Folder::with("# nothing today\n").read("feed").indicators.is_empty());
    let message = Folder::with(format!("{license}see the report\n")).error("feed");
    assert!(message.contains("of no known kind: text without any indicator (line 201: see the report"), "{message}");
}

#[test]
fn one_broken_line_among_many_is_named_by_its_number() {
    let mut text: String = (0..20_000).map(|n| format!("198.{}.{}.7\n", 18 + n / 10_000, n % 250)).collect();
    text.insert_str(text.match_indices('\n').nth(12_344).unwrap().0 + 1, "not an address\n");
    let table = Folder::with(text).read("feed");
    assert_eq!(table.facts[0].records, 20_001);
    assert_eq!(table.facts[0].rejected_examples, ["line 12346: not an address (several values)"]);
}

#[test]
fn a_line_of_very_many_names_is_read_in_good_time() {
    let names: String = (0..100_000).map(|n| format!(" n{}.example", n % 60_000)).collect();
    let table = Folder::with(format!("0.0.0.0{names}\n")).read("feed");
    assert_eq!((table.indicators.len(), table.facts[0].records), (60_000, 1));
}
