//! Inputs that once were, or could be, trouble. None may end in anything but a count or an error.

use proptest::prelude::*;

use super::super::read_bytes;

/// Bytes, and how many records they hold.
const CORPUS: [(&[u8], u64); 22] = [
    (b"", 0),
    (b"{", 0),
    (b"[]", 0),
    (b"{}", 0),
    (b"\xff\xfe{\0}\0", 0),
    (b"\xef\xbb\xbf{}", 0),
    (b"{\"Event\":null}", 0),
    (b"{\"Event\":[{\"info\":1},7]}", 1),
    (b"{\"response\":[[],{},null,7,\"x\"]}", 0),
    (b"{\"response\":[{\"Attribute\":[]},[],7]}", 2),
    (b"{\"Attribute\":[{}]}", 1),
    (b"{\"Attribute\":{\"type\":\"ip-dst\",\"value\":\"|\"}}", 1),
    (b"{\"Attribute\":[{\"type\":\"domain|ip\",\"value\":\"|\"}]}", 1),
    (b"{\"Attribute\":[{\"type\":\"ip-dst|port\",\"value\":\"|||\"}]}", 1),
    (b"{\"Attribute\":[{\"type\":\"\\ud800\",\"value\":\"x\"}]}", 1),
    (b"{\"Attribute\":[{\"type\":\"ip-dst\",\"value\":\"192.0.2.1\",\"timestamp\":1e308}]}", 1),
    (b"{\"Attribute\":[{\"type\":\"ip-dst\",\"value\":\"192.0.2.1\",\"timestamp\":-9223372036854775808}]}", 1),
    (b"{\"Attribute\":[{\"type\":\"ip-dst\",\"value\":\"192.0.2.1\",\"Tag\":[{\"name\":\"tl\xc3\xb6\"}]}]}", 1),
    (b"{\"Attribute\":[{\"type\":\"ip-dst\",\"value\":\"192.0.2.1\",\"Event\":[{\"Tag\":{\"name\":\"=\"}}]}]}", 1),
    (b"{\"Object\":{\"Attribute\":{\"Attribute\":{}}}}", 1),
    (b"type,value,to_ids\n\"", 1),
    (b"0123456789abcdef0123456789abcdef,0e1d0000-0000-4000-8000-00000000000a\n", 0),
];

#[test]
fn known_trouble_is_read_to_its_end() {
    for (bytes, records) in CORPUS {
        assert_eq!(read_bytes(bytes), records, "{}", String::from_utf8_lossy(bytes));
    }
}

/// Text of words that mean something here, between which anything may stand.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "null",
        "true",
        "0",
        "-1",
        "1e9",
        "\"Event\":",
        "\"response\":",
        "\"Attribute\":",
        "\"Object\":",
        "\"Tag\":",
        "\"type\":",
        "\"value\":",
        "\"ip-dst|port\"",
        "\"domain|ip\"",
        "\"192.0.2.1|1\"",
        "\"info\":",
        "\"uuid\":",
        "\\u",
        "|",
        "\n",
        "type,value,to_ids\n",
        "é",
        "0e1d0000-0000-4000-8000-00000000000a",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn any_words_are_read(text in words()) {
        read_bytes(text.as_bytes());
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_bytes(&bytes);
    }

    #[test]
    fn a_cut_event_is_read(at in 0usize..220) {
        let whole = br#"{"Event":{"uuid":"0e1d0000-0000-4000-8000-00000000000a","info":"x","Attribute":[{"type":"ip-dst","value":"192.0.2.1","to_ids":"1","Tag":[{"name":"tlp:red"}]}],"Object":[{"Attribute":[]}]}}"#;
        let cut = &whole[..at.min(whole.len())];
        prop_assert_eq!(read_bytes(cut), u64::from(cut.len() == whole.len()));
    }
}
