//! A list on the web, fetched once into a temporary file.
//!
//! Only what the user named is asked for, over https and with a time limit. The file keeps the last part of the URL's
//! path as its name, since a name can carry a list's date.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use object_store::http::HttpBuilder;
use object_store::path::Path as ObjectPath;
use object_store::{ClientOptions, ObjectStoreExt as _, RetryConfig};
use tempfile::TempDir;

use super::SourceError;
use super::location::{self, FileRef};
use super::store::{self, Place, Stores};

/// Longest wait for a connection.
const CONNECT_SECONDS: u64 = 10;
/// Longest wait for the whole answer.
const TOTAL_SECONDS: u64 = 120;
/// Attempts after the first.
const RETRIES: usize = 2;
/// A list is never longer than this.
const BYTES_MAX: u64 = 2 << 30;

/// Makes the folder of a fetched file.
type MakeFolder<'a> = &'a (dyn Fn() -> std::io::Result<TempDir> + Sync);

/// The folder of a fetched file; the file goes when the last reference to it does.
#[derive(Clone, Debug)]
pub struct Keep(Arc<TempDir>);

impl PartialEq for Keep {
    fn eq(&self, other: &Self) -> bool {
        self.0.path() == other.0.path()
    }
}

impl Eq for Keep {}

/// Whether the source is one that [`fetch`] takes.
pub(super) fn is_remote(source: &str) -> bool {
    source.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

/// Fetches a list.
///
/// # Errors
/// The name cannot be found, nobody answers in time, the server refuses, or the answer is too long.
pub(super) fn fetch(source: &str, folder: MakeFolder<'_>) -> Result<FileRef, SourceError> {
    let options = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(CONNECT_SECONDS))
        .with_timeout(Duration::from_secs(TOTAL_SECONDS));
    fetch_with(source, options, folder)
}

fn fetch_with(source: &str, options: ClientOptions, folder: MakeFolder<'_>) -> Result<FileRef, SourceError> {
    // A thread of its own: the caller may itself be at work for a runtime, which cannot wait for another one.
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| failed(source, format!("cannot start a thread: {error}")))?;
            runtime.block_on(download(source, options, folder))
        });
        work.join().unwrap_or_else(|_| Err(failed(source, "the download gave up".into())))
    })
}

/// Fetches every object of a place in a store, each under its own relative name.
///
/// # Errors
/// The store refuses or cannot be reached, nothing is there, or it is more than any list is.
pub(super) fn fetch_objects(
    source: &str,
    place: Place,
    stores: &Stores,
    folder: MakeFolder<'_>,
) -> Result<Vec<FileRef>, SourceError> {
    // Connections belong to the runtime that opened them, so the thread has stores of its own.
    let own = Stores::new(stores.options().clone());
    let fetched = std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| failed(source, format!("cannot start a thread: {error}")))?;
            runtime.block_on(objects(source, place, &own, folder))
        });
        work.join().unwrap_or_else(|_| Err(failed(source, "the download gave up".into())))
    });
    stores.traffic().add(own.traffic());
    fetched
}

async fn objects(
    source: &str,
    place: Place,
    stores: &Stores,
    folder: MakeFolder<'_>,
) -> Result<Vec<FileRef>, SourceError> {
    let io = |error| SourceError::Io { path: source.into(), source: error };
    let listed = location::list_remote(source, place, stores, None, &|_| {}).await?;
    if listed.entries.iter().map(|(entry, _)| entry.size).sum::<u64>() > BYTES_MAX {
        return Err(failed(source, "more than 2 GiB, which no list is; name the list itself".into()));
    }
    let folder = Arc::new(folder().map_err(io)?);
    let mut files = Vec::new();
    for (number, (entry, relative)) in listed.entries.into_iter().enumerate() {
        let bytes = listed.store.get_range_of(&entry.path, 0..entry.size, entry.e_tag.as_deref()).await;
        let bytes = bytes.map_err(|error| {
            SourceError::Refused(store::explain(&error, &listed.place, store::Doing::Read).sentence)
        })?;
        // Names of objects are free; a folder of its own keeps each file's name and nothing else of the key.
        let own = folder.path().join(number.to_string());
        std::fs::create_dir(&own).map_err(io)?;
        let path = own.join(name_of(&relative));
        std::fs::write(&path, &bytes).map_err(io)?;
        let shown = listed.place.display(&entry.path);
        files.push(FileRef { relative, ..FileRef::fetched(path, &shown, entry.size, Keep(Arc::clone(&folder))) });
    }
    Ok(files)
}

async fn download(source: &str, options: ClientOptions, folder: MakeFolder<'_>) -> Result<FileRef, SourceError> {
    let io = |error| SourceError::Io { path: source.into(), source: error };
    let retry = RetryConfig {
        max_retries: RETRIES,
        retry_timeout: Duration::from_secs(TOTAL_SECONDS),
        ..RetryConfig::default()
    };
    let store = HttpBuilder::new().with_url(source).with_client_options(options).with_retry(retry).build();
    let store = store.map_err(|error| failed(source, format!("not a URL that can be fetched ({})", brief(&error))))?;
    let answer = store.get(&ObjectPath::default()).await.map_err(|error| failed(source, explained(&error)))?;
    let folder = folder().map_err(io)?;
    let path = folder.path().join(name_of(source));
    let mut file = std::fs::File::create(&path).map_err(io)?;
    let mut bytes = answer.into_stream();
    let mut size = 0u64;
    while let Some(part) = bytes.next().await {
        let part = part.map_err(|error| failed(source, explained(&error)))?;
        size += part.len() as u64;
        if size > BYTES_MAX {
            return Err(failed(source, "longer than 2 GiB, which no list is; fetch it yourself".into()));
        }
        file.write_all(&part).map_err(io)?;
    }
    file.flush().map_err(io)?;
    Ok(FileRef::fetched(path, &store::redact(source), size, Keep(Arc::new(folder))))
}

/// The last part of the URL's path that is a plain name.
fn name_of(source: &str) -> PathBuf {
    let path = source.split(['?', '#']).next().unwrap_or(source);
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("list");
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    PathBuf::from(if plain.trim_matches('.').is_empty() { "list".to_owned() } else { plain })
}

fn explained(error: &object_store::Error) -> String {
    let text = brief(error);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let what = if matches!(error, object_store::Error::NotFound { .. }) {
        "the server has no such list (404)"
    } else if has(&["dns error", "failed to lookup", "Name or service", "connect", "Connect"]) {
        "cannot be reached: this machine may be offline"
    } else if has(&["timed out", "timeout", "Timeout"]) {
        "no answer in time"
    } else if has(&["403", "401"]) {
        "the server refuses it"
    } else {
        "cannot be fetched"
    };
    format!("{what}; fetch the file elsewhere and name its path ({text})")
}

/// The innermost cause, which is the one that says something.
fn brief(error: &object_store::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    super::text::excerpt(&last.to_string())
}

fn failed(source: &str, reason: String) -> SourceError {
    SourceError::Unreadable { path: source.into(), reason }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// One answer on a loopback port; `None` keeps the caller waiting.
    fn served(answer: Option<&'static str>) -> (String, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/lists/exits-2026-03-14.txt?full", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0u8; 2048];
            let count = stream.read(&mut asked).unwrap();
            assert!(String::from_utf8_lossy(&asked[..count]).starts_with("GET /lists/exits-2026-03-14.txt?full "));
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).unwrap(),
                None => std::thread::sleep(Duration::from_millis(600)),
            }
        });
        (url, server)
    }

    fn quick() -> ClientOptions {
        ClientOptions::new().with_allow_http(true).with_timeout(Duration::from_millis(300))
    }

    #[test]
    fn a_list_is_fetched_under_its_own_name_and_removed_afterwards() {
        let (url, server) = served(Some("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n192.0.2.1\n"));
        let file = fetch_with(&url, quick(), &TempDir::new).unwrap();
        server.join().unwrap();
        assert_eq!(std::fs::read_to_string(&file.path).unwrap(), "192.0.2.1\n");
        // A query may be a signature.
        let shown = url.replace("?full", "?***");
        assert_eq!((file.relative.as_str(), file.display.as_str()), ("exits-2026-03-14.txt", shown.as_str()));
        let path = file.path.clone();
        drop(file);
        assert!(!path.exists());
    }

    #[test]
    fn what_went_wrong_is_said_with_a_remedy() {
        let (url, server) = served(Some("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
        let error = fetch_with(&url, quick(), &TempDir::new).unwrap_err().to_string();
        server.join().unwrap();
        assert!(error.starts_with(&url) && error.contains("no such list (404)"), "{error}");
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = fetch_with(&format!("http://{closed}/x"), quick(), &TempDir::new).unwrap_err().to_string();
        assert!(error.contains("cannot be reached") && error.contains("name its path"), "{error}");
    }

    #[test]
    fn names_are_plain() {
        for (url, want) in [
            ("https://h/a/2026-01-01.txt?x=/y", "2026-01-01.txt"),
            ("https://h/torlist/", "torlist"),
            ("https://h/..%2f..", "..2f.."),
            ("https://h/...", "list"),
        ] {
            assert_eq!(name_of(url), PathBuf::from(want), "{url}");
        }
    }
}
