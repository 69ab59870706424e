//! `~/.aws`: static keys and a region are read; what needs a browser or a program is refused with the way out.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{ACCESS_KEY, S3, SECRET_KEY, Variables, ask, hunt, same, with, without};

const SOURCE: &str = "s3://telemetry/archives/plain";

fn home(credentials: &str, config: &str) -> TempDir {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    fs::write(home.path().join(".aws/credentials"), credentials).unwrap();
    fs::write(home.path().join(".aws/config"), config).unwrap();
    home
}

fn at_home(s3: &S3, home: &Path) -> Variables {
    let variables = without(s3.variables(), &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]);
    with(variables, "HOME", home.to_str().unwrap())
}

/// The keys of a profile.
fn keys() -> String {
    format!("aws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")
}

#[test]
fn static_keys_of_a_profile() {
    let s3 = S3::with(&["archives/plain"]);
    let wrong = "aws_access_key_id=AKIDWRONG\naws_secret_access_key=wr0ng\n";
    let credentials = format!("[default]\n{wrong}\n# a comment\n[hunter]\n{}", keys());
    let home = home(&credentials, "[default]\nregion = eu-central-1\n[profile hunter]\nregion = eu-north-1\n");
    let variables = at_home(&s3, home.path());
    let named = with(variables.clone(), "AWS_PROFILE", "hunter");
    same(&ask(&hunt(&[SOURCE]), &named), "s3://telemetry", &hunt(&["testdata/archives/plain"]), "a named profile");
    let default = ask(&hunt(&[SOURCE]), &variables);
    default.refused(&[SOURCE, "AWS_ACCESS_KEY_ID or the profile"]);
    assert!(!default.stderr.contains("wr0ng"), "{}", default.stderr);
    // Keys of the environment come first.
    let own = s3.variables();
    ask(&hunt(&[SOURCE]), &with(own, "HOME", home.path().to_str().unwrap())).expect(0);
    let missing = with(variables, "AWS_PROFILE", "nobody");
    ask(&hunt(&[SOURCE]), &missing).refused(&[SOURCE, "AWS_PROFILE", "nobody"]);
}

#[test]
fn files_at_other_places_and_an_endpoint_in_the_profile() {
    let s3 = S3::with(&["archives/plain"]);
    let home = home("", "");
    let config = home.path().join("elsewhere.ini");
    fs::write(&config, format!("[default]\nregion=us-east-1\nendpoint_url = {}\n{}", s3.server.endpoint(), keys()))
        .unwrap();
    let variables = without(at_home(&s3, home.path()), &["AWS_ENDPOINT_URL"]);
    ask(&hunt(&[SOURCE]), &with(variables, "AWS_CONFIG_FILE", config.to_str().unwrap())).expect(0);
    let credentials = home.path().join("keys.ini");
    fs::write(&credentials, format!("[default]\r\n{}", keys().replace('\n', "\r\n"))).unwrap();
    let variables = with(at_home(&s3, home.path()), "AWS_SHARED_CREDENTIALS_FILE", credentials.to_str().unwrap());
    ask(&hunt(&[SOURCE]), &variables).expect(0);
}

#[test]
fn what_needs_a_browser_or_a_program_is_refused_with_the_remedy() {
    let s3 = S3::with(&["archives/plain"]);
    for (name, config) in [
        ("sso_session", "[profile p]\nsso_session = company\nregion = eu-north-1\n[sso-session company]\n"),
        ("sso_start_url", "[profile p]\nsso_start_url = https://company.example/start\nsso_region = eu-north-1\n"),
        ("role_arn", "[profile p]\nrole_arn = arn:aws:iam::123456789012:role/hunter\nsource_profile = default\n"),
        ("credential_process", "[profile p]\ncredential_process = /opt/keys --secret t0ps3cret\n"),
    ] {
        let home = home(&format!("[default]\n{}", keys()), config);
        let answer = ask(&hunt(&[SOURCE]), &with(at_home(&s3, home.path()), "AWS_PROFILE", "p"));
        answer.refused(&[SOURCE, name, "aws configure export-credentials --profile p"]);
        assert!(!answer.stderr.contains("t0ps3cret") && !answer.stderr.contains(SECRET_KEY), "{}", answer.stderr);
    }
}
