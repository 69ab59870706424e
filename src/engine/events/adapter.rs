//! Expressions over the table, rewritten for one file.
//!
//! DataFusion's own adapter inserts casts; it fails on a struct where the table has text, and reads an epoch number as
//! whatever the table's unit is. Here every column becomes the conversion that the file's shape names.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::{Transformed, TransformedResult as _, TreeNode as _};
use datafusion::common::{Result, ScalarValue};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, lit};
use datafusion::physical_expr_adapter::{PhysicalExprAdapter, PhysicalExprAdapterFactory};

use super::reading::{ReadColumn, ReadDirection};
use crate::sources::telemetry::{DataFile, Origin, columns};

/// Makes the adapter of one file.
#[derive(Debug)]
pub(super) struct EventExprAdapterFactory {
    pub(super) file: Arc<DataFile>,
}

impl PhysicalExprAdapterFactory for EventExprAdapterFactory {
    fn create(&self, logical: SchemaRef, physical: SchemaRef) -> Result<Arc<dyn PhysicalExprAdapter>> {
        Ok(Arc::new(EventExprAdapter { file: Arc::clone(&self.file), table: logical, physical }))
    }
}

/// Rewrites expressions over the table's columns into ones over the file's.
#[derive(Debug)]
struct EventExprAdapter {
    file: Arc<DataFile>,
    table: SchemaRef,
    physical: SchemaRef,
}

impl PhysicalExprAdapter for EventExprAdapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        expr.transform(|expr| match expr.downcast_ref::<Column>() {
            Some(column) => Ok(Transformed::new(
                self.column(column.name())?,
                true,
                datafusion::common::tree_node::TreeNodeRecursion::Jump,
            )),
            None => Ok(Transformed::no(expr)),
        })
        .data()
    }
}

impl EventExprAdapter {
    fn column(&self, name: &str) -> Result<Arc<dyn PhysicalExpr>> {
        match name {
            columns::DIRECTION => {
                let inputs = ["ConnectionDirection", "AdditionalFields", "ActionType"].map(|input| self.column(input));
                let [column, fields, action] = inputs;
                Ok(Arc::new(ReadDirection { inputs: [column?, fields?, action?] }))
            }
            columns::SOURCE_FILE => Ok(lit(self.file.display.as_str())),
            _ => match self.file.shape.origins.get(name) {
                Some(Origin::Column { index, conversion }) => Ok(Arc::new(ReadColumn {
                    column: Arc::new(Column::new(self.physical.field(*index).name(), *index)),
                    conversion: conversion.clone(),
                })),
                Some(Origin::Path(value)) => Ok(lit(ScalarValue::try_from_array(value, 0)?)),
                None => {
                    let field = self.table.field_with_name(name)?;
                    Ok(lit(ScalarValue::try_from(field.data_type())?))
                }
            },
        }
    }
}
