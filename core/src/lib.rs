//! Vocabulary, rules and contracts of response modes and JARM.

pub mod clock;
pub mod jose;
mod vocabulary;

pub use vocabulary::*;
