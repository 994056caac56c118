//! facade
pub use jarm_core::*;

pub use jarm_response_modes as response_modes;

#[cfg(feature = "axum")]
pub use jarm_axum as axum;

/// Keys and everything else of JOSE: the contracts of core, and their implementations.
pub mod jose {
    pub use jarm_core::jose::*;
    pub use jarm_jose::*;
}

// Names the crate, so that the linker keeps its registrations.
use jarm_response_modes as _;
