//! Object stores as users reach them, by URL and the providers' own variables: real servers on loopback, and between them
//! and the program a proxy that counts and breaks. What is found must be what the same files give on disk, or the run
//! must fail; a short answer is the one thing that never comes.
#![cfg(test)]

mod azure;
mod azure_refusals;
mod bucket;
mod changes;
mod convert;
mod delta;
mod faults;
mod index;
mod profiles;
mod refusals;
mod requests;
mod stalled;

use std::sync::Arc;

use coldtrail_servers::{Faults, Proxy, S3Server};
use serde_json::Value;
use tempfile::TempDir;

use crate::runner::{Run, root};

const ACCESS_KEY: &str = "AKIDLOOPBACK00000001";
const SECRET_KEY: &str = "lOOpb4ck/Secret+Key0000000000000000000001";

/// Where the repository's `testdata` lies in the bucket.
const BUCKET: &str = "telemetry";

type Variables = Vec<(&'static str, String)>;

/// A server with a bucket, and the variables that lead to it.
struct S3 {
    _folder: TempDir,
    server: Arc<S3Server>,
}

impl S3 {
    /// An empty bucket.
    fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let server = S3Server::start(folder.path(), ACCESS_KEY, SECRET_KEY).unwrap();
        server.create_bucket(BUCKET).unwrap();
        Self { _folder: folder, server: Arc::new(server) }
    }

    /// A bucket with these folders of `testdata`, under the same names.
    fn with(folders: &[&str]) -> Self {
        let s3 = Self::empty();
        for folder in folders {
            s3.server.put_folder(BUCKET, folder, &root().join("testdata").join(folder)).unwrap();
        }
        s3.put("archives/tor.txt", std::fs::read(root().join("testdata/archives/tor.txt")).unwrap());
        s3
    }

    fn put(&self, key: &str, content: impl AsRef<[u8]>) {
        self.server.put(BUCKET, key, content.as_ref()).unwrap();
    }

    fn variables(&self) -> Variables {
        self.server.variables()
    }

    /// The same through a proxy.
    fn behind(&self, faults: Faults) -> (Proxy, Variables) {
        let proxy = Proxy::start(&self.server.endpoint(), faults).unwrap();
        let variables = with(self.variables(), "AWS_ENDPOINT_URL", &proxy.endpoint());
        (proxy, variables)
    }
}

/// Other values for a variable, or one more.
fn with(mut variables: Variables, name: &'static str, value: &str) -> Variables {
    variables.retain(|(other, _)| *other != name);
    variables.push((name, value.to_owned()));
    variables
}

/// Without some of them.
fn without(mut variables: Variables, names: &[&str]) -> Variables {
    variables.retain(|(name, _)| !names.contains(name));
    variables
}

/// What a run answered.
#[derive(Debug)]
struct Answer {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs with these variables. Whatever happens, no secret may be shown.
#[track_caller]
fn ask(run: &Run, variables: &[(&'static str, String)]) -> Answer {
    let mut command = run.command();
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    let answer = Answer {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("stdout is text"),
        stderr: String::from_utf8(output.stderr).expect("stderr is text"),
    };
    for secret in variables.iter().filter_map(|(name, value)| secret(name, value)) {
        assert!(!answer.stdout.contains(&secret), "a secret is on stdout: {}", answer.stdout);
        assert!(!answer.stderr.contains(&secret), "a secret is on stderr: {}", answer.stderr);
    }
    answer
}

/// What of a variable's value must never be seen.
fn secret(name: &str, value: &str) -> Option<String> {
    match name {
        "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN" | "AZURE_STORAGE_KEY" => Some(value.to_owned()),
        "AZURE_STORAGE_SAS_TOKEN" => signature(value),
        "AZURE_STORAGE_CONNECTION_STRING" => {
            let key = value.split(';').find_map(|part| part.strip_prefix("AccountKey="));
            key.map(str::to_owned).or_else(|| signature(value))
        }
        _ => None,
    }
}

/// The signature of a signed query.
fn signature(query: &str) -> Option<String> {
    query.split(['&', '?', ';']).find_map(|part| part.strip_prefix("sig=")).map(str::to_owned)
}

impl Answer {
    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stderr, self.stdout);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    /// Exit 3, no report, and one sentence with these words.
    #[track_caller]
    fn refused(&self, words: &[&str]) {
        assert_eq!(self.code, Some(3), "{}\n{}", self.stderr, self.stdout);
        assert!(self.stdout.is_empty(), "a refused run reported: {}", self.stdout);
        assert!(self.stderr.starts_with("error: "), "{}", self.stderr);
        assert_eq!(self.stderr.matches("error: ").count(), 1, "{}", self.stderr);
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "one sentence: {}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in: {}", self.stderr);
        }
    }
}

/// The demo, hunted with everything from one place such as `s3://telemetry/demo`.
fn demo(place: &str) -> Run {
    Run::new(&["hunt", "--format", "json", "--quiet", "--events", &format!("{place}/events")]).and(&[
        "--tor",
        &format!("{place}/tor-history"),
        "--intel",
        &format!("{place}/intel"),
    ])
}

/// A hunt with the archives' list, whose age is fixed.
fn hunt(sources: &[&str]) -> Run {
    let run = Run::new(&["hunt", "--format", "json", "--quiet", "--tor-as-of", "2026-07-18"]);
    let run = run.and(&["--tor", "testdata/archives/tor.txt"]);
    sources.iter().fold(run, |run, source| run.and(&["--events", source]))
}

/// A report without what may differ: how it was read, and where the files lie.
fn settled(report: &str, place: &str, local: &str) -> String {
    let mut report: Value = serde_json::from_str(&report.replace(place, local)).unwrap();
    let coverage = report["coverage"].as_object_mut().unwrap();
    assert!(coverage.remove("reads").is_some());
    serde_json::to_string_pretty(&report).unwrap()
}

/// The same run on disk.
#[track_caller]
fn on_disk(run: &Run) -> String {
    settled(run.go().expect(0).text(), "", "")
}

/// Fails unless a report from a store is the one from disk, byte for byte apart from paths and `reads`.
#[track_caller]
fn same(stored: &Answer, place: &str, local: &Run, what: &str) {
    assert_eq!(stored.code, Some(0), "{what}: {}", stored.stderr);
    let (stored, local) = (settled(&stored.stdout, place, "testdata"), on_disk(local));
    if stored != local {
        let lines = stored.lines().zip(local.lines()).filter(|(stored, local)| stored != local).take(8);
        let lines: Vec<String> = lines.map(|(stored, local)| format!("- {local}\n+ {stored}")).collect();
        panic!("{what}: differs from the hunt on disk:\n{}", lines.join("\n"));
    }
}
