//! Which of several credentials is used, and for which account.

use super::*;

fn options(pairs: &[(&str, &str)]) -> StoreOptions {
    let environment = pairs.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    StoreOptions { environment, ..StoreOptions::default() }
}

fn of(source: &str, pairs: &[(&str, &str)]) -> Access {
    let options = options(pairs);
    access(&Place::parse(source, &options).unwrap().unwrap(), &options).unwrap()
}

const URL: &str = "abfss://c@one.dfs.core.windows.net/x";

#[test]
fn the_order_of_credentials() {
    let connection = ("AZURE_STORAGE_CONNECTION_STRING", "AccountName=one;AccountKey=a2V5");
    let key = ("AZURE_STORAGE_KEY", "azI=");
    let sas = ("AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=x");
    let app = [("AZURE_CLIENT_ID", "i"), ("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_SECRET", "s")];
    assert_eq!(of(URL, &[connection, key, sas]).proof, Proof::Key(Secret::new("a2V5")));
    assert_eq!(of(URL, &[key, sas]).proof, Proof::Key(Secret::new("azI=")));
    assert_eq!(of(URL, &[sas, app[0], app[1], app[2]]).proof, Proof::Sas(Secret::new("?sv=1&sig=x")));
    assert!(matches!(of(URL, &app).proof, Proof::ClientSecret { .. }));
    assert!(matches!(of(URL, &[app[0], app[1], ("AZURE_FEDERATED_TOKEN_FILE", "/t")]).proof, Proof::Workload { .. }));
    assert_eq!(of(URL, &[]).proof, Proof::Machine);
    let web = "https://one.blob.core.windows.net/c/x";
    assert_eq!(of(web, &[]).proof, Proof::Anonymous);
    assert_eq!(of(&format!("{web}?sv=1&sig=y"), &[connection]).proof, Proof::Sas(Secret::new("sv=1&sig=y")));
    let anonymous = StoreOptions { anonymous: true, ..options(&[key]) };
    let place = Place::parse(URL, &anonymous).unwrap().unwrap();
    assert_eq!(access(&place, &anonymous).unwrap().proof, Proof::Anonymous);
}

#[test]
fn a_key_is_never_sent_to_another_account() {
    let connection = ("AZURE_STORAGE_CONNECTION_STRING", "AccountName=two;AccountKey=a2V5");
    assert_eq!(of(URL, &[connection]).proof, Proof::Machine);
    assert_eq!(of(URL, &[("AZURE_STORAGE_ACCOUNT", "two"), ("AZURE_STORAGE_KEY", "azI=")]).proof, Proof::Machine);
    assert_eq!(of("az://c/x", &[connection]).proof, Proof::Key(Secret::new("a2V5")));
}

#[test]
fn where_the_account_is() {
    let at = |source: &str, pairs: &[(&str, &str)]| of(source, pairs).endpoint.map(|url| url.to_string());
    assert_eq!(at("az://c/x", &[("AZURE_STORAGE_ACCOUNT", "one")]), None);
    assert_eq!(
        at("az://c/x", &[("AZURE_STORAGE_USE_EMULATOR", "1"), ("AZURITE_BLOB_STORAGE_URL", "http://127.0.0.1:4242")]),
        Some("http://127.0.0.1:4242/devstoreaccount1".into())
    );
    assert_eq!(
        at("az://c/x", &[("AZURE_STORAGE_CONNECTION_STRING", "UseDevelopmentStorage=true")]),
        Some(EMULATOR_ENDPOINT.into())
    );
    assert_eq!(with_account("https://blob.example.org", "one"), "https://blob.example.org");
    let far = options(&[("AZURE_STORAGE_ACCOUNT", "one"), ("AZURE_STORAGE_BLOB_ENDPOINT", "http://blob.example.org")]);
    let place = Place::parse("az://c/x", &far).unwrap().unwrap();
    assert!(access(&place, &far).unwrap_err().to_string().contains("AWS_ALLOW_HTTP=true"));
}

#[test]
fn what_is_missing_is_named() {
    let none = options(&[]);
    let place = Place::parse("az://c/x", &none).unwrap().unwrap();
    let traffic = Arc::default();
    assert!(build(&place, &none, &traffic).unwrap_err().to_string().contains("set AZURE_STORAGE_ACCOUNT"));
    let broken = options(&[("AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;oops")]);
    let error = build(&place, &broken, &traffic).unwrap_err().to_string();
    assert!(error.contains("part 2 has no =") && error.starts_with("az://c/x: "), "{error}");
    let bad = options(&[("AZURE_STORAGE_ACCOUNT", "a"), ("AZURE_STORAGE_KEY", "s3cr3t!")]);
    let place = Place::parse("az://c/x", &bad).unwrap().unwrap();
    let error = build(&place, &bad, &traffic).unwrap_err().to_string();
    assert!(!error.contains("s3cr3t"), "{error}");
}
