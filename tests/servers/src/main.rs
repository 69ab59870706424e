//! The servers for a shell or a script: starts one, prints its endpoint as variables to export, and at the end its counts.

mod args;

use std::error::Error;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use clap::Parser;
use coldtrail_servers::{ACCOUNT, Azurite, KEY, Proxy, S3Server, connection_string};
use tokio::sync::oneshot;

use args::{Args, Between, Command};

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do when stderr is closed too.
            let _ = writeln!(io::stderr(), "coldtrail-servers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), Box<dyn Error>> {
    match args.command {
        Command::S3 { folder, access_key, secret_key, between } => {
            let server = S3Server::start(&folder, &access_key, &secret_key)?;
            let proxy = start(&server.endpoint(), &between)?;
            let mut variables = server.variables();
            variables.retain(|(name, _)| *name != "AWS_ENDPOINT_URL");
            variables.insert(0, ("AWS_ENDPOINT_URL", proxy.endpoint()));
            serve(&proxy, &variables, &between)
        }
        Command::Azurite { load, between } => {
            let server = Azurite::start()?;
            for (container, folder) in &load {
                server.create_container(container)?;
                if let Some(folder) = folder {
                    server.put_folder(container, "", folder)?;
                }
            }
            let proxy = start(&server.endpoint(), &between)?;
            let variables = [
                ("AZURE_STORAGE_CONNECTION_STRING", connection_string(&proxy.endpoint())),
                ("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT.to_owned()),
                ("AZURE_STORAGE_ACCOUNT_KEY", KEY.to_owned()),
                ("AZURE_STORAGE_ENDPOINT", proxy.endpoint()),
                ("AZURE_ALLOW_HTTP", "true".to_owned()),
            ];
            serve(&proxy, &variables, &between)
        }
        Command::Proxy { upstream, between } => serve(&start(&upstream, &between)?, &[], &between),
    }
}

fn start(upstream: &str, between: &Between) -> io::Result<Proxy> {
    Proxy::start_on(between.port, upstream, between.faults())
}

/// Prints where it listens, waits for the end, prints the counts.
fn serve(proxy: &Proxy, variables: &[(&str, String)], between: &Between) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut signals = Signals::new()?;
        announce(proxy, variables)?;
        let stdin = closed_stdin(between.stay);
        tokio::select! {
            () = signals.wait() => {}
            Ok(()) = stdin => {}
        }
        io::Result::Ok(())
    })?;
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &proxy.counts())?;
    writeln!(out)?;
    Ok(())
}

/// Lines that a shell can evaluate; the endpoint comes first, as a comment.
fn announce(proxy: &Proxy, variables: &[(&str, String)]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "# endpoint {}", proxy.endpoint())?;
    for (name, value) in variables {
        writeln!(out, "export {name}='{}'", value.replace('\'', r"'\''"))?;
    }
    out.flush()
}

/// Done when stdin ends, so that the servers end with the script that started them.
fn closed_stdin(stay: bool) -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    if stay {
        // Kept open for as long as the process lives.
        std::mem::forget(tell);
        return told;
    }
    std::thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut some = [0; 1024];
        while stdin.read(&mut some).is_ok_and(|read| read > 0) {}
        let _ = tell.send(());
    });
    told
}

/// The signals that end the program.
#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

/// Ctrl+C alone, where there are no others.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn wait(&mut self) {
        // Without a handler the process ends on its own.
        let _ = tokio::signal::ctrl_c().await;
    }
}
