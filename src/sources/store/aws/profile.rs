//! Profiles in `~/.aws`: static keys, a region and an endpoint.
//!
//! What needs a program or a browser (single sign-on, assumed roles, credential processes) is refused with the command
//! that turns it into keys. Values are never part of a message.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::options::StoreOptions;
use super::super::secret::Secret;

/// What a profile gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) keys: Option<Keys>,
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
}

/// Static keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) token: Option<Secret>,
}

/// Settings by section.
type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// Reads the profile that the options name, or `default` if that exists.
///
/// # Errors
/// The named profile is not there, a file cannot be read, or the profile needs more than this reads.
pub(super) fn read(options: &StoreOptions) -> Result<Profile, String> {
    let named = options.first(&["AWS_PROFILE"]);
    let name = named.unwrap_or("default");
    let config = file(options, "AWS_CONFIG_FILE", "config")?;
    let credentials = file(options, "AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
    let long = format!("profile {name}");
    let config = config.get(&long).or_else(|| config.get("default").filter(|_| name == "default"));
    let credentials = credentials.get(name).or_else(|| credentials.get(&long));
    if config.is_none() && credentials.is_none() {
        return match named {
            Some(name) => {
                Err(format!("AWS_PROFILE names {name}, and neither ~/.aws/config nor ~/.aws/credentials has it"))
            }
            None => Ok(Profile::default()),
        };
    }
    let get = |key: &str| credentials.and_then(|all| all.get(key)).or_else(|| config.and_then(|all| all.get(key)));
    profile(name, |key| get(key).map(String::as_str).filter(|value| !value.is_empty()))
}

fn profile<'a>(name: &str, get: impl Fn(&str) -> Option<&'a str>) -> Result<Profile, String> {
    let static_keys = get("aws_access_key_id").zip(get("aws_secret_access_key"));
    let always = ["role_arn", "source_profile", "credential_source"];
    let otherwise = ["sso_session", "sso_start_url", "sso_account_id", "credential_process", "login_session"];
    let unread = always.iter().chain(otherwise.iter().filter(|_| static_keys.is_none()));
    if let Some(key) = unread.into_iter().find(|key| get(key).is_some()) {
        return Err(format!(
            "the profile {name} gets its credentials by {key}, which is not read here; run \
             eval \"$(aws configure export-credentials --profile {name} --format env)\" first"
        ));
    }
    if static_keys.is_none() && get("aws_access_key_id").or(get("aws_secret_access_key")).is_some() {
        return Err(format!("the profile {name} has only one of aws_access_key_id and aws_secret_access_key"));
    }
    let keys = static_keys.map(|(id, secret)| Keys {
        id: id.into(),
        secret: Secret::new(secret),
        token: get("aws_session_token").map(Secret::new),
    });
    Ok(Profile { keys, region: get("region").map(Into::into), endpoint: get("endpoint_url").map(Into::into) })
}

fn file(options: &StoreOptions, variable: &str, name: &str) -> Result<Sections, String> {
    let named = options.first(&[variable]).map(PathBuf::from);
    let is_named = named.is_some();
    let Some(path) = named.or_else(|| options.home.as_ref().map(|home| home.join(".aws").join(name))) else {
        return Ok(Sections::new());
    };
    let path = match (path.strip_prefix("~"), &options.home) {
        (Ok(below), Some(home)) => home.join(below),
        _ => path,
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(sections(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_named => Ok(Sections::new()),
        Err(error) => Err(unreadable(variable, is_named, &path, &error)),
    }
}

fn unreadable(variable: &str, is_named: bool, path: &Path, error: &std::io::Error) -> String {
    let by = if is_named { format!("{variable} names ") } else { String::new() };
    format!("{by}{}, which cannot be read: {error}", path.display())
}

/// Reads the text of a file. Lines that begin with a space belong to a nested setting and are passed over.
fn sections(text: &str) -> Sections {
    let mut all = Sections::new();
    let mut section = String::new();
    for line in text.lines() {
        let line = line.trim_end();
        if line.starts_with([' ', '\t', '#', ';']) || line.is_empty() {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            let name = header.split(']').next().unwrap_or_default();
            section = name.split_whitespace().collect::<Vec<_>>().join(" ").replace('"', "");
            all.entry(section.clone()).or_default();
        } else if let Some((key, value)) = line.split_once('=') {
            let value = [" #", " ;", "\t#", "\t;"]
                .iter()
                .filter_map(|mark| value.find(mark))
                .min()
                .map_or(value, |comment| value.get(..comment).unwrap_or(value));
            let settings = all.entry(section.clone()).or_default();
            settings.insert(key.trim().to_ascii_lowercase(), value.trim().to_string());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn home(config: &str, credentials: &str, profile: Option<&str>) -> (tempfile::TempDir, StoreOptions) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(".aws")).unwrap();
        std::fs::write(dir.path().join(".aws/config"), config).unwrap();
        std::fs::write(dir.path().join(".aws/credentials"), credentials).unwrap();
        let environment = profile.map(|name| ("AWS_PROFILE".to_string(), name.to_string())).into_iter().collect();
        let options = StoreOptions { home: Some(dir.path().into()), environment, ..StoreOptions::default() };
        (dir, options)
    }

    #[test]
    fn both_files_make_one_profile() {
        let config = "[default]\nregion = eu-west-1 # near\ns3 =\n  addressing_style = path\n[profile lab]\nregion=lab-1\nendpoint_url = http://127.0.0.1:9000\n";
        let credentials = "# keys\n[default]\naws_access_key_id = A\naws_secret_access_key = a#b\n[lab]\naws_access_key_id=L\naws_secret_access_key=s3cr3t\naws_session_token=t=1\n";
        let (_dir, options) = home(config, credentials, None);
        let default = read(&options).unwrap();
        assert_eq!((default.region.as_deref(), default.keys.unwrap().secret), (Some("eu-west-1"), Secret::new("a#b")));
        let (_dir, options) = home(config, credentials, Some("lab"));
        let lab = read(&options).unwrap();
        assert_eq!(lab.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!(lab.keys.as_ref().unwrap().token, Some(Secret::new("t=1")));
        assert!(!format!("{lab:?}").contains("s3cr3t"));
    }

    #[test]
    fn what_needs_a_program_is_refused_with_the_command() {
        for (config, profile, want) in [
            ("[default]\nsso_session = x\n", None, "aws configure export-credentials --profile default --format env"),
            (
                "[profile p]\nrole_arn=r\nsource_profile=default\naws_access_key_id=A\naws_secret_access_key=s\n",
                Some("p"),
                "by role_arn",
            ),
            ("[profile p]\ncredential_process = cmd\n", Some("p"), "by credential_process"),
            ("[profile p]\naws_access_key_id = A\n", Some("p"), "only one of"),
            ("[default]\n", Some("gone"), "AWS_PROFILE names gone"),
        ] {
            let (_dir, options) = home(config, "", profile);
            let error = read(&options).unwrap_err();
            assert!(error.contains(want), "{error}");
        }
        let missing = [("AWS_CONFIG_FILE".to_string(), "/no/such/file".to_string())].into_iter().collect();
        let options = StoreOptions { environment: missing, ..StoreOptions::default() };
        assert!(read(&options).unwrap_err().contains("AWS_CONFIG_FILE names /no/such/file"));
        assert_eq!(read(&StoreOptions::default()), Ok(Profile::default()));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC*(\n\\PC*){0,5}") {
            let _ = sections(&text);
        }
    }
}
