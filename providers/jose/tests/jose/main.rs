//! What `jarm-jose` promises, in one test program.
// Says to clippy that the helpers are tests, too.
#![cfg(test)]

mod arrival;
mod bad_numbers;
mod client;
mod client_keys;
mod client_secrets;
mod decryption;
mod decryption_keys;
mod encryption;
mod libraries;
mod loading;
mod refusals;
mod sealing;
mod signing;
mod support;
mod verification;
