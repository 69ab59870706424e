//! `convert`: any archive becomes hunt-ready Parquet, once, and loses nothing on the way.
