//! Cases that the laws leave to the eye.

use super::*;

fn hour(hour: i64) -> Micros {
    Micros(hour * HOUR_MICROS)
}

fn entries(addresses: &str, role: Role) -> Vec<Entry> {
    let entry =
        |address| Entry { prefix: Prefix::parse(address).unwrap(), role, port: None, observed_by: "list", time: None };
    addresses.split_whitespace().map(entry).collect()
}

/// Hours of the intervals of an address.
fn seen(finished: &Finished, address: &str) -> Vec<(i64, i64)> {
    let prefix = Prefix::parse(address).unwrap();
    let of_it = finished.intervals.iter().filter(|(sighted, _)| sighted.prefix == prefix);
    of_it.filter_map(|(_, times)| *times).map(|(from, to)| (from.0 / HOUR_MICROS, to.0 / HOUR_MICROS)).collect()
}

fn listed(snapshots: &[(i64, &str)]) -> Finished {
    let mut history = History::new(Kind::Lists);
    for (content, (at, addresses)) in snapshots.iter().enumerate() {
        history.add(Some(hour(*at)), [u8::try_from(content).unwrap(); 32], &entries(addresses, Role::Exit));
    }
    history.finish()
}

#[test]
fn an_address_that_comes_back_has_two_intervals() {
    let finished =
        listed(&[(0, "192.0.2.1 192.0.2.2"), (24, "192.0.2.1"), (48, "192.0.2.1 192.0.2.2"), (72, "192.0.2.2")]);
    assert_eq!(seen(&finished, "192.0.2.1"), [(0, 48)]);
    assert_eq!(seen(&finished, "192.0.2.2"), [(0, 0), (48, 72)]);
    assert_eq!(finished.spans, [(Role::Exit, Family::V4, hour(0), hour(72))]);
    assert_eq!(finished.spacing_micros, Some(24 * HOUR_MICROS));
}

#[test]
fn a_hole_in_daily_lists_parts_intervals_and_coverage_and_weekly_lists_have_none() {
    let daily: Vec<_> = [0, 24, 48, 168, 192].map(|at| (at, "192.0.2.1")).into();
    let finished = listed(&daily);
    assert_eq!(seen(&finished, "192.0.2.1"), [(0, 48), (168, 192)]);
    assert_eq!(finished.spans.len(), 2);
    let weekly: Vec<_> = [0, 168, 336, 672].map(|at| (at, "192.0.2.1")).into();
    assert_eq!(seen(&listed(&weekly), "192.0.2.1"), [(0, 672)]);
}

#[test]
fn a_list_without_ipv6_says_nothing_about_ipv6() {
    let finished = listed(&[(0, "192.0.2.1 2001:db8::1"), (24, "192.0.2.1"), (48, "192.0.2.1 2001:db8::1")]);
    assert_eq!(seen(&finished, "2001:db8::1"), [(0, 48)]);
    let hole = listed(&[
        (0, "192.0.2.1 2001:db8::1"),
        (24, "192.0.2.1"),
        (48, "192.0.2.1"),
        (72, "192.0.2.1"),
        (96, "192.0.2.1 2001:db8::1"),
    ]);
    assert_eq!(seen(&hole, "2001:db8::1"), [(0, 0), (96, 96)]);
    let spans: Vec<_> = hole.spans.iter().map(|(_, family, ..)| family.as_str()).collect();
    assert_eq!(spans, ["IPv4", "IPv6", "IPv6"]);
}

#[test]
fn two_files_of_one_time_are_one_snapshot() {
    let mut history = History::new(Kind::Lists);
    for (at, content, addresses) in
        [(0, 1, "192.0.2.1"), (0, 2, "192.0.2.2"), (24, 3, "192.0.2.1 192.0.2.2"), (0, 1, "192.0.2.1")]
    {
        assert_eq!(history.add(Some(hour(at)), [content; 32], &entries(addresses, Role::Exit)), 0);
    }
    let finished = history.finish();
    assert_eq!(
        (finished.usable, seen(&finished, "192.0.2.1"), seen(&finished, "192.0.2.2")),
        (2, vec![(0, 24)], vec![(0, 24)])
    );
}

#[test]
fn what_has_no_date_stays_undated_and_covers_nothing() {
    let mut history = History::new(Kind::Lists);
    assert_eq!(history.add(None, [0; 32], &entries("192.0.2.1 192.0.2.1 198.51.100.0/24", Role::Guard)), 1);
    assert_eq!(history.sizes(), (1, 1));
    let finished = history.finish();
    assert_eq!(finished.intervals.iter().map(|(_, times)| *times).collect::<Vec<_>>(), [None, None]);
    assert!(finished.spans.is_empty() && finished.usable == 0 && finished.spacing_micros.is_none());
}

#[test]
fn a_record_whose_own_time_is_lost_is_known_without_a_date() {
    let mut dated = entries("192.0.2.1 192.0.2.2", Role::Exit);
    dated[0].time = Some(hour(30));
    let mut history = History::new(Kind::Records);
    history.add(Some(hour(48)), [0; 32], &dated);
    let finished = history.finish();
    let times: Vec<_> = finished.intervals.iter().map(|(_, times)| *times).collect();
    assert_eq!(times, [Some((hour(30), hour(30))), None]);
    assert_eq!(finished.spans, [(Role::Exit, Family::V4, hour(24), hour(48))]);
}

#[test]
fn times_at_the_ends_of_the_clock_do_not_overflow() {
    let mut history = History::new(Kind::Records);
    let mut at = |time: i64| {
        let mut seen = entries("192.0.2.1", Role::Exit);
        seen[0].time = Some(Micros(time));
        history.add(Some(Micros(time)), [0; 32], &seen);
    };
    at(i64::MIN);
    at(i64::MAX);
    let finished = history.finish();
    assert_eq!((finished.intervals.len(), finished.usable), (2, 2));
}
