//! Which of several credentials is used, and where the bucket is.

use super::*;

fn options(pairs: &[(&str, &str)]) -> StoreOptions {
    let environment = pairs.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    StoreOptions { environment, ..StoreOptions::default() }
}

fn of(source: &str, options: &StoreOptions) -> Access {
    access(&Place::parse(source, options).unwrap().unwrap(), options).unwrap()
}

const ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", "E");
const SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "s3cr3t");
const WEB: [(&str, &str); 2] = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", "r")];

fn with_home(credentials: &str, pairs: &[(&str, &str)]) -> (tempfile::TempDir, StoreOptions) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join(".aws")).unwrap();
    std::fs::write(dir.path().join(".aws/credentials"), credentials).unwrap();
    let options = StoreOptions { home: Some(dir.path().into()), ..options(pairs) };
    (dir, options)
}

fn id(access: &Access) -> &str {
    match &access.proof {
        Proof::Keys(keys) => &keys.id,
        Proof::Anonymous => "anonymous",
        Proof::Named(_) => "named",
        Proof::Machine => "machine",
    }
}

#[test]
fn the_order_of_credentials() {
    let file = "[default]\naws_access_key_id=D\naws_secret_access_key=x\nregion=eu-north-1\n[p]\naws_access_key_id=P\naws_secret_access_key=x\n";
    let profile = ("AWS_PROFILE", "p");
    for (pairs, want) in [
        (vec![ID, SECRET, profile, WEB[0], WEB[1]], "E"),
        (vec![profile, WEB[0], WEB[1]], "P"),
        (vec![WEB[0], WEB[1]], "named"),
        (vec![], "D"),
        (vec![ID, SECRET, ("AWS_SKIP_SIGNATURE", "true")], "anonymous"),
    ] {
        let (_dir, options) = with_home(file, &pairs);
        assert_eq!(id(&of("s3://b/x", &options)), want, "{pairs:?}");
    }
    assert_eq!(id(&of("s3://b/x", &options(&[]))), "machine");
    assert_eq!(id(&of("https://b.s3.eu-west-1.amazonaws.com/x", &options(&[]))), "anonymous");
    let (_dir, options) = with_home("[default]\nsso_session=x\n", &[ID, SECRET]);
    assert_eq!(id(&of("s3://b/x", &options)), "E");
}

#[test]
fn region_and_endpoint() {
    let at = |source: &str, pairs: &[(&str, &str)]| {
        let access = of(source, &options(pairs));
        (access.region, access.endpoint.map(|url| url.to_string()))
    };
    assert_eq!(at("s3://b/x", &[]), ("us-east-1".into(), None));
    let both = [("AWS_ENDPOINT_URL", "https://a.example"), ("AWS_ENDPOINT_URL_S3", "https://b.example")];
    assert_eq!(at("s3://b/x", &both).1.as_deref(), Some("https://b.example/"));
    let web = "https://b.s3.eu-west-1.amazonaws.com/x";
    assert_eq!(at(web, &[both[0], both[1], ("AWS_REGION", "us-west-2")]), ("eu-west-1".into(), None));
    assert_eq!(
        at("s3://b/x", &[("AWS_REGION", "cn-north-1")]).1.as_deref(),
        Some("https://s3.cn-north-1.amazonaws.com.cn/")
    );
    let flag = StoreOptions { endpoint: Some("http://127.0.0.1:9000".into()), ..options(&both) };
    assert_eq!(of("s3://b/x", &flag).endpoint.unwrap().as_str(), "http://127.0.0.1:9000/");
}

#[test]
fn what_is_missing_is_named_without_a_value() {
    for (pairs, want) in [
        (vec![SECRET], "AWS_ACCESS_KEY_ID is not"),
        (vec![ID], "AWS_SECRET_ACCESS_KEY is not"),
        (vec![ID, SECRET, ("AWS_ENDPOINT_URL", "http://far.example")], "AWS_ALLOW_HTTP=true"),
        (vec![ID, SECRET, ("AWS_ENDPOINT_URL", "https://u:s3cr3t@far.example")], "give the address alone"),
        (vec![("AWS_EC2_METADATA_DISABLED", "true")], "--anonymous"),
        (vec![ID, SECRET, ("AWS_UNSIGNED_PAYLOAD", "perhaps")], "perhaps"),
    ] {
        let options = options(&pairs);
        let place = Place::parse("s3://b/x", &options).unwrap().unwrap();
        let error = build(&place, &options, &Arc::default()).unwrap_err().to_string();
        assert!(error.starts_with("s3://b/x: ") && error.contains(want) && !error.contains("s3cr3t"), "{error}");
    }
}

#[test]
fn the_requester_pays_in_both_spellings() {
    assert!(is_payer(&options(&[("AWS_REQUEST_PAYER", "requester")])));
    assert!(is_payer(&options(&[("AWS_REQUEST_PAYER", "true")])));
    assert!(!is_payer(&options(&[])));
}
