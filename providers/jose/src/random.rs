use jarm_core::jose::{RandomSource, RandomSourceError};

use crate::backend;

/// The crypto backend's source of randomness: aws-lc-rs, or the operating system without it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomSourceError> {
        backend::fill(buffer)
    }
}
