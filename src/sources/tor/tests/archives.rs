//! Archives of dated lists give what a folder of them gives.

use tar::{Builder, Header};

use super::*;

fn tar_of(members: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, text) in members {
        let mut header = Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_cksum();
        builder.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn load_tar(members: &[(&str, &str)], on_bad: OnBadInput) -> Result<TorTable, SourceError> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("h.tar"), tar_of(members)).unwrap();
    load(&[request("h.tar")], dir.path(), on_bad)
}

const DAYS: [(&str, &str); 3] = [
    ("h/2025-09-01.csv", "192.0.2.1\n192.0.2.2\n"),
    ("h/2025-09-02.csv", "192.0.2.1\n"),
    ("h/2025-09-03.csv", "192.0.2.1\n2001:db8::1\n"),
];

#[test]
fn an_archive_is_the_history_of_its_members() {
    let packed = load_tar(&DAYS, OnBadInput::Fail).unwrap();
    let mut folder = loaded(&DAYS, "h");
    folder.intervals.iter_mut().for_each(|interval| interval.source = "h.tar".into());
    folder.spans.iter_mut().for_each(|span| span.source = "h.tar".into());
    assert_eq!((&packed.intervals, &packed.spans), (&folder.intervals, &folder.spans));
    assert_eq!((packed.facts.len(), packed.facts[0].snapshots), (1, 3));
}

#[test]
fn the_order_of_members_does_not_matter() {
    let mut turned = DAYS;
    turned.reverse();
    let (one, other) = (load_tar(&DAYS, OnBadInput::Fail).unwrap(), load_tar(&turned, OnBadInput::Fail).unwrap());
    assert_eq!((one.intervals, one.spans), (other.intervals, other.spans));
}

#[test]
fn a_bad_member_is_named_and_an_empty_one_counted() {
    let page = ("h/2025-09-04.csv", "<html>gone</html>");
    let members = [DAYS.as_slice(), &[page, ("h/2025-09-05.csv", "")]].concat();
    let error = load_tar(&members, OnBadInput::Fail).unwrap_err().to_string();
    assert!(
        error.starts_with("h.tar: h/2025-09-04.csv: not a Tor list that is known (it begins like a web page"),
        "{error}"
    );
    let table = load_tar(&members, OnBadInput::Skip).unwrap();
    assert_eq!((table.skipped.len(), table.facts[0].snapshots), (1, 3));
    let refused: Vec<_> = table.facts[0].refused.iter().map(|counted| (counted.name.as_str(), counted.count)).collect();
    assert_eq!(refused, [("empty archive member", 1)]);
}

#[test]
fn an_archive_without_a_list_is_an_error() {
    let error = load_tar(&[("a", "")], OnBadInput::Fail).unwrap_err().to_string();
    assert_eq!(error, "h.tar: no usable address in any of its files");
}
