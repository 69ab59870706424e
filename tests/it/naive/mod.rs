//! The hunts once more, in plain loops over rows: the reference that the engine has to agree with.
//!
//! It knows the rules of DESIGN §3.2 and §3.3 and nothing of the engine: no DataFusion, none of coldtrail's own code, no
//! index, no sorting trick. Addresses are std's, times are chrono's, groups are found by looking at each of them. It is
//! slow on purpose, because a reference that shares a shortcut with what it judges proves nothing.
#![expect(clippy::unwrap_used, reason = "a reference that cannot read its own input has to fail the test")]

pub(crate) mod address;
pub(crate) mod copies;
pub(crate) mod direction;
pub(crate) mod draw;
pub(crate) mod event;
pub(crate) mod forms;
pub(crate) mod hunt;
pub(crate) mod intel;
pub(crate) mod lists;
pub(crate) mod tor;
