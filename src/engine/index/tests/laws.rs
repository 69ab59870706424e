//! What an index answers is what a scan of the rows finds.

use super::*;
use crate::model::Prefix;

fn wanted_prefixes() -> impl Strategy<Value = Vec<Prefix>> {
    let of = |class: Class, bits: u8| match class {
        Class::Address(address) => Prefix::covering(address, bits),
        Class::Unreadable | Class::Nothing => Prefix::covering(Address::from_bits(0), bits),
    };
    let lengths = prop_oneof![4 => Just(128u8), 2 => 100u8..128, 1 => 0u8..128];
    prop::collection::vec((class(), lengths).prop_map(move |(class, bits)| of(class, bits)), 0..12)
}

fn agrees(file: &File, bytes: Bytes, prefixes: &[Prefix], letter: char) {
    ready(async {
        let index = open(bytes).await.unwrap();
        assert_eq!(index.row_groups(), file.iter().map(|group| group.len() as u64).collect::<Vec<_>>());
        let set = AddressSet::of(prefixes.iter().copied());
        let wants = |address: Address| prefixes.iter().any(|prefix| prefix.contains(address));
        let want = scan(file, |row| matches!(row.class, Class::Address(address) if wants(address)));
        assert_eq!(places(&index.rows_of_addresses(&set).await.unwrap()), want);
        assert_eq!(places(&index.rows_of_addresses(&Question(wants)).await.unwrap()), want);
        let found = index.rows_of_names(ALL_NAMES, &|name| name.starts_with(letter)).await.unwrap();
        assert_eq!(places(&found), scan(file, |row| row.names.iter().any(|name| name.starts_with(letter))));
        let unreadable = places(&index.unreadable().await.unwrap());
        assert_eq!(unreadable, scan(file, |row| row.class == Class::Unreadable));
    });
}

proptest! {
    #[test]
    fn an_index_answers_as_a_scan_does(
        file in file(),
        prefixes in wanted_prefixes(),
        letter in prop_oneof![Just('a'), Just('b')],
        budget in prop_oneof![Just(usize::MAX), 0usize..2000],
    ) {
        agrees(&file, build(&file, budget), &prefixes, letter);
        agrees(&file, build_by_row(&file, budget), &prefixes, letter);
    }

    #[test]
    fn the_order_of_pushes_does_not_matter(file in file()) {
        prop_assert_eq!(build(&file, usize::MAX), build_by_row(&file, usize::MAX));
    }
}

fn rows(count: usize, class: impl Fn(usize) -> Class) -> Vec<Row> {
    (0..count).map(|at| Row { class: class(at), names: Vec::new() }).collect()
}

fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).unwrap()
}

#[test]
fn many_blocks_are_asked_where_something_may_lie() {
    // Some thousand distinct addresses in each family, far and near.
    let spread = |at: usize| match at % 3 {
        0 => v4((at as u32).wrapping_mul(2_654_435_761)),
        1 => Class::Address(Address::from_bits((0x2001_0db8_u128 << 96) + ((at as u128) << (at % 80)))),
        _ => v4(0x0a00_0000 + at as u32 / 9),
    };
    let file = vec![rows(5000, spread), rows(0, spread), rows(4000, |at| spread(at + 2500))];
    let all = [
        prefix("10.0.1.0/25"),
        prefix("10.0.0.77"),
        prefix("128.0.0.0/2"),
        prefix("2001:db8::/64"),
        prefix("2001:db8::4"),
    ];
    for count in 0..=all.len() {
        agrees(&file, build(&file, usize::MAX), &all[..count], 'a');
        agrees(&file, build(&file, 9000), &all[..count], 'a');
    }
}

#[test]
fn a_column_without_addresses_is_an_index_too() {
    for file in [
        vec![],
        vec![vec![]],
        vec![rows(3000, |_| Class::Nothing), rows(10, |_| Class::Nothing)],
        vec![rows(3000, |_| Class::Unreadable)],
        vec![rows(100_000, |_| v4(1)), rows(7, |_| v4(1))],
        vec![rows(9000, |at| Class::Address(Address::from_bits(u128::MAX - (at as u128 * 0x1234_5678_9abc_def1))))],
    ] {
        agrees(&file, build(&file, usize::MAX), &[prefix("0.0.0.1"), prefix("ff00::/8")], 'a');
    }
}

#[test]
fn one_address_in_all_rows_costs_a_bit_a_row() {
    let file = vec![rows(100_000, |_| v4(1))];
    assert!(build(&file, usize::MAX).len() < 13_000);
}

#[test]
fn rows_outside_of_their_row_group_are_refused() {
    let mut builder = Builder::new(key(), ALL_NAMES, Vec::new()).unwrap();
    assert!(builder.name(0, "a.example").is_err());
    builder.row_group(3).unwrap();
    assert!(builder.addresses(2, &[v4(1), v4(2)]).is_err());
    assert!(builder.addresses_by_id(u64::MAX, &[], &[0]).is_err());
    assert!(builder.row_group(1 << 40).is_err());
}

#[test]
fn a_name_table_may_be_used_for_another_file() {
    let mut table = NameTable::default();
    table.push(["a.example".to_owned()]);
    table.push(["b.example".to_owned()]);
    for ids in [[0, 1], [1, 0]] {
        let mut builder = Builder::new(key(), ALL_NAMES, Vec::new()).unwrap();
        builder.row_group(2).unwrap();
        builder.names_by_id(0, &mut table, &ids).unwrap();
        let bytes = builder.finish().unwrap();
        let found = ready(async {
            open(bytes.into()).await.unwrap().rows_of_names(ALL_NAMES, &|name| name == "b.example").await.unwrap()
        });
        let at = ids.iter().position(|id| *id == 1).unwrap();
        assert_eq!(places(&found), Places::from([(0, at)]));
    }
}
