//! Microsoft's emulator of Azure Blob storage, in memory, as a process of its own.

mod install;
mod sign;
mod wire;

use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

/// The account that every emulator has.
pub const ACCOUNT: &str = "devstoreaccount1";

/// Its key, published by Microsoft: no secret.
pub const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// How long the process may take until it listens.
const START_WAIT: Duration = Duration::from_secs(60);

/// What Azurite prints before its address.
const LISTENS: &str = "successfully listens on http://";

/// Why there is no Azurite; a test that needs it prints this and is skipped.
#[derive(Debug)]
pub enum Missing {
    /// `node` is not on the path.
    NoNode,
    /// `npm` is not on the path, and Azurite is not installed yet.
    NoNpm,
    /// It could not be installed.
    Install(String),
    /// It was installed and did not start.
    Start(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNode => f.write_str("no Azurite: node is not on the path"),
            Self::NoNpm => f.write_str("no Azurite: npm is not on the path to install it"),
            Self::Install(why) => write!(f, "no Azurite: cannot install it: {why}"),
            Self::Start(why) => write!(f, "no Azurite: it did not start: {why}"),
        }
    }
}

impl std::error::Error for Missing {}

/// A set-up step that Azurite refused or that did not get through.
#[derive(Debug)]
pub enum RequestError {
    /// No answer.
    Io(io::Error),
    /// Status and code of the answer.
    Refused(u16, String),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "azurite: {error}"),
            Self::Refused(status, code) => write!(f, "azurite answered {status} {code}"),
        }
    }
}

impl std::error::Error for RequestError {}

impl From<io::Error> for RequestError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A running Azurite with nothing in it, ended when dropped.
#[derive(Debug)]
pub struct Azurite {
    child: Child,
    output: Option<JoinHandle<()>>,
    address: SocketAddr,
}

impl Azurite {
    /// Installs it where that was not done yet, and starts it on a free port.
    ///
    /// # Errors
    /// There is no Node or npm, the registry cannot be reached, or the process does not come up.
    pub fn start() -> Result<Self, Missing> {
        Self::start_on(0)
    }

    /// The same on a given port (0: any free one).
    ///
    /// # Errors
    /// As [`Azurite::start`], or the port is taken.
    pub fn start_on(port: u16) -> Result<Self, Missing> {
        let script = install::script()?;
        let failed = |error: io::Error| Missing::Start(error.to_string());
        let mut child = Command::new("node")
            .arg(&script)
            .args(["--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"])
            // Idle connections stay open, so that no request meets one that is being closed.
            .args(["--blobKeepAliveTimeout", "3600", "--blobHost", "127.0.0.1", "--blobPort"])
            .arg(port.to_string())
            .current_dir(script.parent().unwrap_or_else(|| Path::new(".")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let (tell, told) = mpsc::channel();
        let stdout = child.stdout.take();
        let output = std::thread::spawn(move || read_output(stdout, &tell));
        let mut started = Self { child, output: Some(output), address: SocketAddr::from(([127, 0, 0, 1], port)) };
        started.address = told.recv_timeout(START_WAIT).map_err(|_| {
            Missing::Start(format!("{} printed no address within {START_WAIT:?}, or ended", script.display()))
        })?;
        Ok(started)
    }

    /// The account's blob endpoint, `http://127.0.0.1:port/devstoreaccount1`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}/{ACCOUNT}", self.address)
    }

    /// A connection string for this endpoint.
    #[must_use]
    pub fn connection_string(&self) -> String {
        connection_string(&self.endpoint())
    }

    /// Makes a container; one that is there stays as it is.
    ///
    /// # Errors
    /// Azurite refuses the name or does not answer.
    pub fn create_container(&self, container: &str) -> Result<(), RequestError> {
        match self.request("PUT", container, &[("restype", "container")], &[], &[]) {
            Err(RequestError::Refused(409, _)) => Ok(()),
            other => other,
        }
    }

    /// Puts a block blob in place of any that has its name.
    ///
    /// # Errors
    /// There is no such container, or Azurite does not answer.
    pub fn put_blob(&self, container: &str, name: &str, content: &[u8]) -> Result<(), RequestError> {
        let kind = [("x-ms-blob-type", "BlockBlob".to_owned())];
        self.request("PUT", &format!("{container}/{name}"), &[], &kind, content)
    }

    /// Removes a blob.
    ///
    /// # Errors
    /// There is no such blob, or Azurite does not answer.
    pub fn delete_blob(&self, container: &str, name: &str) -> Result<(), RequestError> {
        self.request("DELETE", &format!("{container}/{name}"), &[], &[], &[])
    }

    /// Puts a whole folder below `prefix` (empty, or with a `/` at its end), in order of names.
    ///
    /// # Errors
    /// A file cannot be read, or as [`Azurite::put_blob`].
    pub fn put_folder(&self, container: &str, prefix: &str, folder: &Path) -> Result<(), RequestError> {
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                self.put_folder(container, &format!("{name}/"), &entry.path())?;
            } else {
                self.put_blob(container, &name, &fs::read(entry.path())?)?;
            }
        }
        Ok(())
    }

    /// A container's SAS as a query without the `?`: `permissions` in Azure's order (of `racwdl`), good until `expiry`.
    #[must_use]
    pub fn sas(&self, container: &str, permissions: &str, expiry: SystemTime) -> String {
        let expiry = DateTime::<Utc>::from(expiry).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        sign::container_sas(ACCOUNT, KEY, container, permissions, &expiry).unwrap_or_default()
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        extra: &[(&str, String)],
        body: &[u8],
    ) -> Result<(), RequestError> {
        let path = sign::encode_path(&format!("/{ACCOUNT}/{path}"));
        let date = DateTime::<Utc>::from(SystemTime::now()).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let mut headers = vec![("x-ms-date", date), ("x-ms-version", sign::VERSION.to_owned())];
        headers.extend_from_slice(extra);
        headers.sort();
        let unsigned = sign::Unsigned { method, path: &path, query, body_bytes: body.len(), headers: &headers };
        let authorization = sign::shared_key(ACCOUNT, KEY, &unsigned).unwrap_or_default();
        headers.push(("authorization", authorization));
        let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let target = if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) };
        let answer = wire::send(self.address, method, &target, &headers, body)?;
        if answer.status < 300 { Ok(()) } else { Err(RequestError::Refused(answer.status, answer.code)) }
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        // It holds nothing that a kill could harm.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(output) = self.output.take() {
            let _ = output.join();
        }
    }
}

/// A connection string for any endpoint of the emulator's account, such as a proxy's.
#[must_use]
pub fn connection_string(endpoint: &str) -> String {
    format!("DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};")
}

/// Tells the address once, and goes on reading so that Azurite never waits for room in the pipe.
fn read_output(stdout: Option<ChildStdout>, tell: &mpsc::Sender<SocketAddr>) {
    for line in stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines()).map_while(Result::ok) {
        let address = line.split_once(LISTENS).and_then(|(_, address)| address.trim().parse().ok());
        if let Some(address) = address {
            // The starter has given up waiting.
            let _ = tell.send(address);
        }
    }
}
