//! The run's stores, one per bucket.
//!
//! DataFusion's own key drops the container, so two containers of one account would be one store there; here the key is
//! the kind of store, the account or endpoint, the bucket, and the signature that the URL came with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::ObjectStore;

use super::StoreError;
use super::options::StoreOptions;
use super::place::{Place, Scheme};
use super::secret::Secret;
use super::stored::Store;
use super::traffic::Traffic;
use super::{aws, azure, web};

/// What makes two stores different.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    scheme: Scheme,
    account: Option<String>,
    endpoint: Option<String>,
    region: Option<String>,
    bucket: String,
    secret: Option<Secret>,
    /// A web address may be asked without credentials where a bucket's name is not.
    encoded: bool,
}

/// The run's stores.
pub struct Stores {
    options: StoreOptions,
    traffic: Arc<Traffic>,
    open: Mutex<BTreeMap<Key, Arc<Store>>>,
}

impl Stores {
    /// No store yet.
    #[must_use]
    pub fn new(options: StoreOptions) -> Self {
        Self { options, traffic: Arc::default(), open: Mutex::default() }
    }

    /// How stores are reached.
    #[must_use]
    pub fn options(&self) -> &StoreOptions {
        &self.options
    }

    /// What was asked of all of them so far.
    #[must_use]
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// The store of a place; built when first asked for, without any request.
    ///
    /// # Errors
    /// The options, the environment or a profile give no usable credentials or address.
    pub fn get(&self, place: &Place) -> Result<Arc<Store>, StoreError> {
        let key = Key {
            scheme: place.scheme(),
            account: place.account.clone(),
            endpoint: place.endpoint.clone(),
            region: place.region.clone(),
            bucket: place.bucket().into(),
            secret: place.secret.clone(),
            encoded: place.encoded,
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.get(&key) {
            return Ok(Arc::clone(store));
        }
        let inner = self.built(place)?;
        let store = Arc::new(Store::on_the_network(inner, &self.traffic, &self.options, place.store_name()));
        open.insert(key, Arc::clone(&store));
        Ok(store)
    }

    fn built(&self, place: &Place) -> Result<Arc<dyn ObjectStore>, StoreError> {
        match place.scheme() {
            Scheme::S3 => aws::build(place, &self.options, &self.traffic),
            Scheme::Azure => azure::build(place, &self.options, &self.traffic),
            Scheme::Web => web::build(place, &self.options, &self.traffic),
            #[cfg(feature = "gs")]
            Scheme::Gs => super::gs::build(place, &self.options, &self.traffic),
            #[cfg(not(feature = "gs"))]
            Scheme::Gs => Err(StoreError::Settings {
                url: place.source().into(),
                reason: "this build does not read Google Cloud Storage; build it with the cargo feature gs".into(),
            }),
        }
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores").field("options", &self.options).field("traffic", &self.traffic).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_containers_and_two_signatures_never_share_a_store() {
        let environment = [("AZURE_STORAGE_KEY".to_string(), "a2V5".to_string())].into_iter().collect();
        let options = StoreOptions { environment, ..StoreOptions::default() };
        let stores = Stores::new(options);
        let get = |source: &str| stores.get(&Place::parse(source, stores.options()).unwrap().unwrap()).unwrap();
        let one = get("abfss://c1@a.dfs.core.windows.net/x");
        assert!(Arc::ptr_eq(&one, &get("abfss://c1@a.dfs.core.windows.net/y/z")));
        assert!(!Arc::ptr_eq(&one, &get("abfss://c2@a.dfs.core.windows.net/x")));
        let signed = get("https://a.blob.core.windows.net/c1/x?sv=1&sig=s3cr3tA");
        assert!(!Arc::ptr_eq(&signed, &get("https://a.blob.core.windows.net/c1/x?sv=1&sig=s3cr3tB")));
        let shown = format!("{stores:?} {one:?} {one} {signed:?} {signed}");
        assert!(!shown.contains("s3cr3t") && !shown.contains("a2V5"), "{shown}");
    }
}
