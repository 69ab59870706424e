//! MISP files as a user would name them: shapes, feeds, exports, and files that are broken.

mod corpus;
mod exports;
mod feeds;
mod shapes;
