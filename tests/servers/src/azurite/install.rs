//! Azurite from npm, once per target folder, however many tests ask for it at the same time.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Missing;

/// The last version that runs on Node below 21.
const VERSION: &str = "3.35.0";

/// How long an installation, ours or another process's, may take.
const WAIT: Duration = Duration::from_secs(300);

/// Starts Azurite, and ends it when the starter's end of stdin closes: no server outlives a killed test.
const RUN: &str = "process.stdin.on('end', () => process.exit(0)).resume();
require('./node_modules/azurite/dist/src/blob/main.js');
";

/// The script that starts Azurite.
pub(crate) fn script() -> Result<PathBuf, Missing> {
    let tools = tools().ok_or_else(|| {
        Missing::Install("no target folder above this program; set CARGO_TARGET_DIR to an absolute path".to_owned())
    })?;
    let failed = |error: io::Error| Missing::Install(format!("{}: {error}", tools.display()));
    if !answers("node").map_err(failed)? {
        return Err(Missing::NoNode);
    }
    let home = tools.join(format!("azurite-{VERSION}"));
    let script = home.join("run.cjs");
    if script.is_file() {
        return Ok(script);
    }
    fs::create_dir_all(&tools).map_err(failed)?;
    let lock = File::create(tools.join("azurite.lock")).map_err(failed)?;
    wait_for(&lock).map_err(failed)?;
    // Somebody else may have installed it while this one waited.
    if !script.is_file() {
        if !answers("npm").map_err(failed)? {
            return Err(Missing::NoNpm);
        }
        install(&home)?;
        // Written last: an installation that was cut off has none.
        fs::write(&script, RUN).map_err(failed)?;
    }
    Ok(script)
}

/// Where tools of the tests lie: cargo marks its target folder.
fn tools() -> Option<PathBuf> {
    let program = env::current_exe().ok();
    let marked = program.iter().flat_map(|path| path.ancestors()).find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let target = marked.map(Path::to_owned).or_else(|| env::var_os("CARGO_TARGET_DIR").map(PathBuf::from));
    target.filter(|folder| folder.is_absolute()).map(|folder| folder.join("tools"))
}

/// Whether a program is there to be run.
fn answers(program: &str) -> io::Result<bool> {
    match Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status() {
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn wait_for(lock: &File) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < WAIT => std::thread::sleep(Duration::from_millis(100)),
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn install(home: &Path) -> Result<(), Missing> {
    let failed = |error: io::Error| Missing::Install(format!("{}: {error}", home.display()));
    if home.exists() {
        fs::remove_dir_all(home).map_err(failed)?;
    }
    fs::create_dir_all(home).map_err(failed)?;
    // npm looks for a package further up when there is none here.
    fs::write(home.join("package.json"), "{\"private\": true}\n").map_err(failed)?;
    let log = home.join("npm.log");
    let log_file = File::create(&log).map_err(failed)?;
    let mut npm = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts"])
        .args(["--loglevel=error", "--fetch-timeout=60000", "--prefix"])
        .arg(home)
        .arg(format!("azurite@{VERSION}"))
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log_file)
        .spawn()
        .map_err(failed)?;
    let begun = Instant::now();
    loop {
        match npm.try_wait().map_err(failed)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                let said = fs::read_to_string(&log).unwrap_or_default();
                return Err(Missing::Install(format!("npm install azurite@{VERSION}: {status}: {}", said.trim())));
            }
            None if begun.elapsed() > WAIT => {
                let _ = npm.kill();
                let _ = npm.wait();
                return Err(Missing::Install(format!("npm install azurite@{VERSION} took over {WAIT:?}")));
            }
            None => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}
