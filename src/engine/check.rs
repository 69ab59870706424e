//! `hunts check`: every hunt planned against the declared tables, without data.

use std::sync::Arc;

use super::Copies;
use super::error::EngineError;
use super::events::Lookup;
use super::lists::{IntelBook, TorBook};
use super::session::{Inputs, Options, Session};
use super::statement::{self, Statement};
use crate::hunt::{self, Hunt};
use crate::model::Period;
use crate::model::bad_input::OnBadInput;
use crate::sources::telemetry::Dataset;

/// Plans the hunt with its default parameters, and compares the tables that it reads with those that it declares.
///
/// # Errors
/// [`EngineError::Sql`] with file and line.
pub async fn check(hunt: &Hunt) -> Result<(), EngineError> {
    let inputs = Inputs {
        dataset: Arc::new(Dataset::declared()),
        tor: Arc::<TorBook>::default(),
        intel: Arc::<IntelBook>::default(),
        period: Period::default(),
        on_bad: OnBadInput::Fail,
        scratch: None,
        lookup: Lookup::default(),
    };
    let options = Options { threads: 1, set_limit: 1, copies: Copies::Remove, ..Options::default() };
    let session = Session::new(&inputs, options)?;
    let params = hunt::bind(hunt, &[])
        .map_err(|error| EngineError::Sql { place: hunt.path.clone(), message: error.to_string() })?;
    let statement = Statement::of_hunt(hunt, &params);
    let (plan, _) = session.plan(&statement).await?;
    let read = statement::tables_read(&plan).map_err(|error| statement.sql_error(&error))?;
    let undeclared: Vec<&str> = read.iter().map(String::as_str).filter(|table| !hunt.reads(table)).collect();
    if !undeclared.is_empty() {
        let message = format!("the SQL reads {}, which `tables` in the header does not name", undeclared.join(", "));
        return Err(statement.at_first_line(&message));
    }
    let unread: Vec<&str> = hunt.tables.iter().map(String::as_str).filter(|table| !read.contains(*table)).collect();
    if !unread.is_empty() {
        let message = format!("`tables` in the header names {}, which the SQL does not read", unread.join(", "));
        return Err(statement.at_first_line(&message));
    }
    Ok(())
}
