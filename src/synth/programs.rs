//! The programs that open connections: their versions, hashes, parents and command lines.

use rand::{Rng, RngCore};

use super::catalogue::{Identity, PROGRAMS, Program, System};
use super::commands::command_line;
use super::devices::Platform;
use super::pool::Pool;
use super::random::{Purpose, Weighted, hex, mix, stream};

/// Versions of each program in use at a time.
const VERSIONS: usize = 3;

/// All programs in all versions; a version is its number.
#[derive(Debug)]
pub(super) struct Programs {
    windows: Vec<usize>,
    windows_busy: Weighted,
    linux: Vec<usize>,
    linux_busy: Weighted,
    serving: Vec<usize>,
    serving_busy: Weighted,
    suspicious: Vec<usize>,
    /// First command line of each program, and one past the last.
    commands_from: Vec<usize>,
    pub(super) sizes: Vec<i64>,
    pub(super) commands: Pool,
    pub(super) sha1: Pool,
    pub(super) sha256: Pool,
    pub(super) md5: Pool,
    pub(super) files: Pool,
    pub(super) folders: Pool,
    pub(super) companies: Pool,
    pub(super) products: Pool,
    pub(super) versions: Pool,
    pub(super) descriptions: Pool,
    pub(super) parents: Pool,
}

impl Programs {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = stream(seed, Purpose::Programs, 0);
        let mut commands_from = vec![0];
        let mut commands = Vec::new();
        for program in &PROGRAMS {
            commands.extend((0..program.command_lines).map(|i| command_line(program, i, &mut rng)));
            commands_from.push(commands.len());
        }
        let busy = |of: &[usize]| Weighted::new(&of.iter().map(|&i| f64::from(PROGRAMS[i].weight)).collect::<Vec<_>>());
        let (windows, linux) = (ordinary(System::Windows), ordinary(System::Linux));
        let serving: Vec<usize> = windows.iter().copied().filter(|&i| PROGRAMS[i].identity != Identity::User).collect();
        let hashed = |digits, salt: u64| Pool::new(all_versions().map(|(p, v)| hex(version_key(p, v) ^ salt, digits)));
        let each = |text: fn(&Program) -> &'static str| Pool::new(all_versions().map(|(p, _)| text(&PROGRAMS[p])));
        Self {
            windows_busy: busy(&windows),
            linux_busy: busy(&linux),
            serving_busy: busy(&serving),
            windows,
            linux,
            serving,
            suspicious: (0..PROGRAMS.len()).filter(|&i| PROGRAMS[i].weight == 0).collect(),
            commands_from,
            sizes: all_versions().map(|(p, v)| 20_000 + (version_key(p, v) % 9_000_000) as i64).collect(),
            commands: Pool::new(commands),
            sha1: hashed(40, 1),
            sha256: hashed(64, 2),
            md5: hashed(32, 3),
            files: each(|p| p.file),
            folders: each(|p| p.folder),
            companies: each(|p| p.company),
            products: each(|p| p.product),
            versions: Pool::new(all_versions().map(|(p, v)| version(p, v))),
            descriptions: each(|p| p.description),
            parents: each(|p| p.parent),
        }
    }

    /// A version of an ordinary program for this platform.
    pub(super) fn pick(&self, platform: Platform, rng: &mut impl RngCore) -> usize {
        let program = match platform {
            Platform::Linux => self.linux[self.linux_busy.pick(rng)],
            Platform::Client | Platform::Server => self.windows[self.windows_busy.pick(rng)],
        };
        in_use(program, rng)
    }

    /// As [`Programs::pick`], but one that peers connect to.
    pub(super) fn pick_serving(&self, platform: Platform, rng: &mut impl RngCore) -> usize {
        match platform {
            Platform::Linux => self.pick(platform, rng),
            Platform::Client | Platform::Server => in_use(self.serving[self.serving_busy.pick(rng)], rng),
        }
    }

    /// A program that one finds at the end of a Tor hunt: mostly the one that belongs to the number.
    pub(super) fn pick_suspicious(&self, number: u64, rng: &mut impl RngCore) -> usize {
        let n = if rng.random_range(0..6) == 0 { rng.next_u64() } else { mix(number) };
        self.suspicious[(n % self.suspicious.len() as u64) as usize] * VERSIONS
    }

    /// One of the program's command lines, the first ones far more often.
    pub(super) fn pick_command(&self, version: usize, rng: &mut impl RngCore) -> usize {
        let program = version / VERSIONS;
        let (from, to) = (self.commands_from[program], self.commands_from[program + 1]);
        let share = f64::from(rng.next_u32()) / 4_294_967_296.0;
        from + ((to - from) as f64 * share * share * share) as usize
    }

    /// Which account runs it.
    pub(super) fn identity(version: usize) -> Identity {
        PROGRAMS[version / VERSIONS].identity
    }

    /// Whether the file carries a version resource: those of Linux do not.
    pub(super) fn has_version_info(version: usize) -> bool {
        PROGRAMS[version / VERSIONS].system == System::Windows
    }
}

/// The program in one of its versions; the current one is on most devices.
fn in_use(program: usize, rng: &mut impl RngCore) -> usize {
    program * VERSIONS + [0, 0, 0, 0, 1, 1, 1, 2][rng.random_range(0..8)]
}

fn ordinary(system: System) -> Vec<usize> {
    (0..PROGRAMS.len()).filter(|&i| PROGRAMS[i].system == system && PROGRAMS[i].weight > 0).collect()
}

fn all_versions() -> impl Iterator<Item = (usize, usize)> {
    (0..PROGRAMS.len()).flat_map(|p| (0..VERSIONS).map(move |v| (p, v)))
}

/// The same program has the same hash in every archive, whatever the seed, as real programs do.
fn version_key(program: usize, version: usize) -> u64 {
    mix((program * VERSIONS + version) as u64 + 0x00c0_ffee)
}

fn version(program: usize, version: usize) -> String {
    let n = version_key(program, 0);
    format!("{}.{}.{}.{}", n % 130 + 1, n / 130 % 10, 4_000 + n / 1_300 % 5_000 - version as u64 * 37, 10 + n % 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_belongs_to_its_program() {
        let programs = Programs::new(1);
        let mut rng = stream(1, Purpose::File, 0);
        for platform in [Platform::Client, Platform::Linux] {
            for _ in 0..2_000 {
                let version = programs.pick(platform, &mut rng);
                let command = programs.commands.get(programs.pick_command(version, &mut rng)).to_lowercase();
                let file = programs.files.get(version).to_lowercase();
                assert!(command.contains(file.trim_end_matches(".exe")), "{file}: {command}");
            }
        }
    }

    #[test]
    fn some_command_lines_are_long() {
        let programs = Programs::new(1);
        let longest = (0..*programs.commands_from.last().unwrap()).map(|i| programs.commands.get(i).len()).max();
        assert!(longest > Some(2_000), "{longest:?}");
    }
}
