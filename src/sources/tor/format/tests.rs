//! All formats together: each text has one, and none panics at anything.

use super::*;

#[test]
fn each_text_is_read_in_its_format() {
    for (text, want) in [
        ("dest_ip\n192.0.2.1\n", "one column"),
        ("\u{feff}192.0.2.1\r\n", "one column"),
        ("# a, b\n# Source File Date: Sun Nov 15 01:02:22 UTC 2015\n192.0.2.0/28\n", "one column"),
        ("fingerprint, ipaddr, port\nAA, 192.0.2.1, 443\n", "fingerprint, ipaddr, port"),
        ("metadata_last_seen,dest_ip,metadata_dest_role\n2024-08-05 03:00:00,192.0.2.1,exit\n", "node list"),
        ("ExitNode AA\nExitAddress 192.0.2.1 2018-11-01 01:10:29\n", "exit list"),
        ("@type tordnsel 1.0\nDownloaded 2018-11-01 02:02:03\n", "exit list"),
        ("192.0.2.1|a|9001|0|E|1|Tor|\n", "dan.me.uk list"),
        ("<html>\n__BEGIN_TOR_NODE_LIST__\n192.0.2.1|a|9001|0|E|1|Tor|\n", "dan.me.uk list"),
        ("\u{feff}{\"relays\":[{\"or_addresses\":[\"192.0.2.1:443\"]}]}", "Onionoo details"),
        ("{\"list\":[\"192.0.2.1/32\"]}", "MISP warning list"),
        ("[\"192.0.2.1\"]", "JSON array"),
        ("", "one column"),
    ] {
        assert_eq!(read(text).unwrap().0, want, "{text}");
    }
}

#[test]
fn what_is_no_list_is_said_to_be_none() {
    let known = "; known are: exit list, dan.me.uk list, node list, fingerprint, ipaddr, port, Onionoo details, MISP \
        warning list, JSON array, one column";
    for (text, want) in [
        ("{\"name\":[]}", "it begins like JSON"),
        (
            "<!DOCTYPE html>\n",
            "it begins like a web page or XML, perhaps an error page that was saved; fetch the list again",
        ),
        ("ip;port\n192.0.2.1;443\n", "line 1 has 2 columns separated by ';': ip;port"),
    ] {
        assert_eq!(read(text).unwrap_err(), format!("not a Tor list that is known ({want}){known}"));
    }
}

/// Every head that a recogniser asks for.
const HEADS: [&str; 10] = [
    "",
    "dest_ip\n",
    "fingerprint, ipaddr, port\n",
    "metadata_fingerprint,metadata_last_seen,dest_ip,dest_port,metadata_dest_role\n",
    "@type tordnsel 1.0\nDownloaded 2018-11-01 02:02:03\nExitNode AA\n",
    "__BEGIN_TOR_NODE_LIST__\n",
    "{\"relays\":[",
    "{\"list\":[",
    "[",
    "# Source File Date: ",
];

/// Short texts that have broken a reader of something before, or could.
const SHORT: [&str; 42] = [
    "\r",
    "\r\r192.0.2.1\r",
    "\0",
    "192.0.2.1\0\n",
    "\u{feff}\u{feff}192.0.2.1",
    "\u{2028}",
    "ü|ü|ü|ü|ü|ü\n",
    "|",
    "||||||||",
    ",,,,,,",
    "\"",
    "\"\"\"",
    "\"a\n",
    "ExitAddress",
    "ExitAddress ",
    "ExitAddress  ",
    "ExitNode\nExitAddress\n",
    "ExitAddress 192.0.2.1 2018-11-01 01:10:2",
    "ExitAddress 192.0.2.1 9999-99-99 99:99:99\n",
    "Downloaded \n",
    "Downloaded 99999999999999999999-01-01 00:00:00\n",
    "AA, 192.0.2.1, 99999999999999999999999\n",
    "AA,9999-12-31 23:59:59,192.0.2.1,65536,exit\n",
    "AA,-9999-01-01,255.255.255.255/33,1,exit\n",
    "192.0.2.1/999999999999\n",
    "::ffff:0:0/1\n",
    "[::1%\0]:1",
    "192.0.2.1|a|-1|0|E\n",
    "__END_TOR_NODE_LIST__\n__BEGIN_TOR_NODE_LIST__",
    "{}",
    "7",
    "1e999",
    "null,true,\"\\ud800\",\"\\u0000\"",
    "{\"running\":1e999}",
    "{\"or_addresses\":[\":\",\"[\",\"]:1\",\"[::]:0\"]}",
    "{\"nickname\":null,\"nickname\":\"a\"}",
    "],\"relays_published\":\"2018-11-01T\u{fc}\"",
    "],\"bridges\":[[[[",
    "Sun Nov 99999999999 01:02:22 UTC 99999999999999999",
    "#",
    ";",
    "#;#;",
];

#[test]
fn nothing_panics_at_odd_texts() {
    for text in SHORT {
        for head in HEADS {
            for end in ["", "\n", "]", "]}"] {
                probe_all(&format!("{head}{text}{end}"));
            }
        }
    }
}

#[test]
fn nothing_panics_at_long_lines_and_deep_documents() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(50_000), close.repeat(50_000));
    let long = |part: &str, bytes: usize| part.repeat(bytes / part.len());
    let mut texts = vec![deep("[", "]"), deep("{\"a\":", "}"), deep("[{\"relays\":", "}]")];
    texts.extend(["a|", ",", " ", "é", "\"", "[", "ExitAddress ", "192.0.2.1 "].map(|part| long(part, 1 << 17)));
    for text in texts {
        HEADS.iter().for_each(|head| probe_all(&format!("{head}{text}")));
    }
    probe_all(&long("1", 1 << 20));
    let error = read(&deep("[", "]")).unwrap();
    assert!(error.1.entries.is_empty() && error.1.records == 1, "one member, however deep");
}

/// Whatever of a list arrives, the rest of it is an answer and not a panic.
#[test]
fn nothing_panics_where_a_text_breaks_off() {
    for head in HEADS {
        let body = "AA,2018-11-01 02:02:03,192.0.2.1,443,exit\n\"192.0.2.1|ü|1|2|E\"\nExitAddress 192.0.2.1 2018-11-01 02:02:03\n";
        let text = format!("{head}{body}");
        (0..text.len()).filter_map(|at| text.get(..at)).for_each(probe_all);
    }
}
