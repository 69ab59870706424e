//! One walk over the usable snapshots in the order of time.
//!
//! Every role and address family is a stream of its own: a snapshot that lists none of it says nothing about it, so it
//! neither ends an interval nor adds to coverage. Within a stream an interval goes on while the address is in every
//! snapshot, and coverage goes on while no gap lies between two.

use super::{JOINED_MICROS, Kind, SCANS_REACH_BACK_MICROS, STREAMS, Sighted, Snapshot};
use crate::model::Micros;
use crate::model::relay::{Family, Role};

/// What the snapshots say.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    /// Numbered entries with first and last sighting, several per entry.
    pub(super) runs: Vec<(u32, Micros, Micros)>,
    /// Coverage, sorted.
    pub(super) spans: Vec<(Role, Family, Micros, Micros)>,
}

/// Coverage so far of one role and family.
#[derive(Clone, Debug, Default)]
struct Stream {
    /// The number of the snapshot; it jumps at a gap, so that only neighbours without one follow each other.
    position: u64,
    spans: Vec<(Micros, Micros)>,
}

impl Stream {
    fn advance(&mut self, time: Micros, gap_micros: i64) {
        match self.spans.last_mut() {
            Some((_, to)) if time.0.saturating_sub(to.0) <= gap_micros => {
                *to = time;
                self.position += 1;
            }
            _ => {
                self.spans.push((time, time));
                self.position += 2;
            }
        }
    }
}

/// The interval of an entry that may still go on; position 0 is none.
#[derive(Clone, Copy)]
struct Open {
    position: u64,
    from: Micros,
    to: Micros,
}

/// Replays snapshots; `spacing` is the median distance of neighbours.
pub(super) fn replay(kind: Kind, sighted: &[Sighted], snapshots: &[&Snapshot], spacing: Option<i64>) -> Replayed {
    let gap_micros = spacing.map_or(JOINED_MICROS, |spacing| spacing.saturating_mul(3).max(JOINED_MICROS));
    let stream_of: Vec<usize> = sighted.iter().map(|sighted| sighted.stream()).collect();
    let stream_of = |number: u32| stream_of.get(number as usize).copied().unwrap_or_default();
    let mut streams = vec![Stream::default(); STREAMS];
    let mut open = vec![Open { position: 0, from: Micros(0), to: Micros(0) }; sighted.len()];
    let mut runs = Vec::new();
    for snapshot in snapshots {
        let mut listed = [false; STREAMS];
        for number in &snapshot.members {
            if let Some(listed) = listed.get_mut(stream_of(*number)) {
                *listed = true;
            }
        }
        for (stream, _) in streams.iter_mut().zip(listed).filter(|(_, listed)| *listed) {
            stream.advance(snapshot.time, gap_micros);
        }
        if kind == Kind::Records {
            continue;
        }
        for number in &snapshot.members {
            let position = streams.get(stream_of(*number)).map_or(0, |stream| stream.position);
            let Some(run) = open.get_mut(*number as usize) else { continue };
            if run.position + 1 != position {
                runs.extend((run.position > 0).then_some((*number, run.from, run.to)));
                run.from = snapshot.time;
            }
            (run.position, run.to) = (position, snapshot.time);
        }
    }
    let rest = open.iter().zip(0u32..).filter(|(run, _)| run.position > 0);
    runs.extend(rest.map(|(run, number)| (number, run.from, run.to)));
    Replayed { runs, spans: named(kind, streams) }
}

fn named(kind: Kind, streams: Vec<Stream>) -> Vec<(Role, Family, Micros, Micros)> {
    let reach_back = if kind == Kind::Records { SCANS_REACH_BACK_MICROS } else { 0 };
    let names = Role::ALL.into_iter().flat_map(|role| Family::ALL.map(|family| (role, family)));
    let spans = names.zip(streams).flat_map(|((role, family), stream)| {
        let from = |from: Micros| Micros(from.0.saturating_sub(reach_back));
        stream.spans.into_iter().map(move |(first, last)| (role, family, from(first), last))
    });
    spans.collect()
}
