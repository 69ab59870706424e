//! Archives made here, and one that xz itself packed.

use std::fs;

use tar::{Builder, Header};

use super::*;

/// A folder with two invented exit lists, as a tar that xz packed.
const PACKED: &str = "fd377a585a000004e6d6b446020021011c00000010cf58cce027ff00cf5d00329e09570014bf8a3449edae390a05c72ee1c280\
    8a7cd4129980cf0b575d765b9bd85388f1eda44c7344108fb1cb71a6b92093b2d2a668cd2714269eeb0af0138cec52aabb7cb14c3105f2bac2f85e5c\
    fa5255832884b8c362e5b028f56af86ce1db14aafd310eaf57980c48ff0dc26e898bfabb077bd0334d5554c891284e82ea8dcac0cff1ed8f0869ddac\
    47423f50a5526af4e62f3c7e1ab9833722ce438ebb43923ddf096811e07321d68552d0d584bdbd1d193eabf380b9a0422d804bb3d2ea0aed05520255\
    c60e84643bc0000000458a0ef65b9109b10001eb0180500000a78e5303b1c467fb020000000004595a";

/// One address and a line end, packed without a tar.
const PACKED_TEXT: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a30100093139322e302e322e310a0000000378618cf62473bf000122\
    0a151ae1671fb6f37d010000000004595a";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Names as they stand, since a builder refuses those that climb.
fn tar_of(members: &[(&[u8], EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, kind, data) in members {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(*kind);
        header.set_size(data.len() as u64);
        header.set_cksum();
        builder.append(&header, *data).unwrap();
    }
    builder.into_inner().unwrap()
}

type Read = (Vec<(String, String)>, Result<Vec<(&'static str, u64)>, String>);

fn read_within(archive: &[u8], bytes_max: u64) -> Read {
    let mut lists = Vec::new();
    let facts = walk(archive, "x.tar", bytes_max, &mut |member| {
        lists.push((member.name.to_string(), member.text.to_string()));
        Ok(())
    });
    let refused = facts.map(|facts| facts.refused.into_iter().collect()).map_err(|error| error.to_string());
    (lists, refused)
}

fn read(archive: &[u8]) -> Read {
    read_within(archive, TOTAL_BYTES_MAX)
}

#[test]
fn a_packed_month_is_its_lists() {
    let packed = bytes(PACKED);
    assert!(is_one(&packed) && is_one(&tar_of(&[(b"a", EntryType::Regular, b"x")])));
    assert!(!is_one(b"192.0.2.1\n") && !is_one(&[0; 512]) && !is_one(b""));
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("m"), &packed).unwrap();
    let mut names = Vec::new();
    let facts = members(&dir.path().join("m"), "m", &mut |member| {
        assert!(member.text.starts_with("@type tordnsel 1.0\nDownloaded 2026-03-01 0"));
        names.push(member.name.to_string());
        Ok(())
    });
    assert!(facts.unwrap().refused.is_empty());
    let folder = "exit-list-2026-03/01/2026-03-01";
    assert_eq!(names, [format!("{folder}-00-02-03"), format!("{folder}-01-02-03")]);
    assert!(members(&dir.path().join("gone"), "gone", &mut |_| Ok(())).is_err());
}

#[test]
fn what_is_no_list_is_refused_by_reason() {
    let (file, list): (_, &[u8]) = (EntryType::Regular, b"\xef\xbb\xbf192.0.2.1\n");
    let archive = tar_of(&[
        (b"folder/", EntryType::Directory, b""),
        (b"./2026-03-01.csv", file, list),
        (b"/etc/passwd", file, list),
        (b"a/../../b", file, list),
        (b"a\\b", file, list),
        (b"a\x1b[2J", file, list),
        (b"l\xff", file, list),
        (b"link", EntryType::Symlink, b""),
        (b"hard", EntryType::Link, b""),
        (b"pipe", EntryType::Fifo, b""),
        (b"empty", file, b""),
        (b"latin", file, b"caf\xe9\n"),
        (b"binary", file, b"\0\x01"),
        (b"inner.xz", file, XZ),
        (b"last", file, list),
    ]);
    let (lists, refused) = read(&archive);
    assert_eq!(lists, ["2026-03-01.csv", "last"].map(|name| (name.to_string(), "192.0.2.1\n".to_string())));
    let want = [(NO_FILE, 3), (NO_TEXT, 3), (NOT_UTF8_NAME, 1), (CLIMBS, 4), (EMPTY, 1)];
    assert_eq!(refused.unwrap(), want);
}

#[test]
fn what_an_archive_unpacks_to_is_limited() {
    let file = EntryType::Regular;
    let large = vec![b'\n'; 1 + (64 << 20)];
    let archive = tar_of(&[(b"large", file, &large), (b"list", file, b"192.0.2.1\n")]);
    let (lists, refused) = read(&archive);
    assert_eq!((lists.len(), refused), (1, Ok(vec![(TOO_LARGE, 1)])));
    let (lists, refused) = read_within(&archive, 1 << 20);
    assert_eq!((lists.len(), refused.unwrap_err().contains("unpacks to more than a list can need")), (0, true));

    let long_name = vec![b'n'; 3 << 20];
    let archive = tar_of(&[(b"x", EntryType::GNULongName, &long_name), (b"list", file, b"192.0.2.1\n")]);
    assert!(read(&archive).1.unwrap_err().contains("unpacks to more than a list can need"));
}

#[test]
fn a_damaged_archive_gives_what_comes_before_and_an_error() {
    let archive = tar_of(&[(b"a", EntryType::Regular, b"192.0.2.1\n"), (b"b", EntryType::Regular, b"192.0.2.2\n")]);
    let (lists, cut) = read(&archive[..1540]);
    assert_eq!((lists.len(), cut), (1, Err("x.tar: damaged archive: it breaks off in b; fetch it again".to_string())));
    let (_, text) = read(&bytes(PACKED_TEXT));
    assert_eq!(text.unwrap_err(), "x.tar: compressed with xz, and no tar archive inside; unpack it first");
}

/// 512 bytes that claim to be eight terabytes of zeros.
#[test]
fn a_sparse_bomb_is_refused_at_once() {
    let mut header = Header::new_gnu();
    header.set_path("bomb").unwrap();
    header.set_entry_type(EntryType::GNUSparse);
    header.set_size(0);
    let gnu = header.as_gnu_mut().unwrap();
    gnu.realsize.copy_from_slice(b"200000000000");
    gnu.sparse[0].offset.copy_from_slice(b"200000000000");
    gnu.sparse[0].numbytes.copy_from_slice(b"000000000000");
    header.set_cksum();
    let mut builder = Builder::new(Vec::new());
    builder.append(&header, io::empty()).unwrap();
    let error = read(&builder.into_inner().unwrap()).1.unwrap_err();
    assert_eq!(error, "x.tar: damaged archive: it has a sparse file; fetch it again");
}

/// Cut or changed anywhere, an archive is an answer or an error.
#[test]
fn nothing_panics_at_a_damaged_archive() {
    let plain = tar_of(&[(b"a", EntryType::Regular, b"192.0.2.1\n"), (b"b", EntryType::Regular, b"192.0.2.2\n")]);
    for whole in [bytes(PACKED), plain] {
        for at in 0..whole.len() {
            assert!(read(&whole[..at]).0.len() <= 2);
            for change in [0x01, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= change;
                assert!(read(&changed).0.len() <= 2, "{at}");
            }
        }
    }
}

#[test]
fn what_the_reader_of_lists_says_ends_the_archive() {
    let archive = bytes(PACKED);
    let mut calls = 0;
    let ended = walk(archive.as_slice(), "x", TOTAL_BYTES_MAX, &mut |_| {
        calls += 1;
        Err(text::unreadable("x", "bad"))
    });
    assert_eq!((calls, ended.err().unwrap().to_string()), (1, "x: bad".to_string()));
}
