//! Where a component's time and randomness come from.
//!
//! Both are given by the embedder per call, so that one clock and one seed
//! reproduce a run. Next: [`super::instance`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::Rng;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use super::limits::RANDOM_BYTES_MAX;

/// Tells the time since 1970-01-01T00:00:00Z.
pub type WallClock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// The outside world of one call, apart from HTTP.
pub struct Ports {
    clock: WallClock,
    random: Box<dyn Rng + Send>,
}

impl Ports {
    /// Time from `clock`; randomness from `seed`, which has to be different for
    /// every call and unguessable where the component makes secrets of it.
    pub fn new(clock: WallClock, seed: [u8; 32]) -> Self {
        Self { clock, random: Box::new(ChaCha20Rng::from_seed(seed)) }
    }

    /// Puts clock and randomness into a WASI context.
    pub(crate) fn install(self, builder: &mut WasiCtxBuilder) {
        let Self { clock, mut random } = self;
        // The insecure generator must not repeat what the secure one says.
        let insecure = ChaCha20Rng::from_rng(&mut random);
        let mut insecure_seed = [0; 16];
        random.fill_bytes(&mut insecure_seed);
        builder
            .monotonic_clock(Elapsed { clock: Arc::clone(&clock), latest: AtomicU64::new(0) })
            .wall_clock(Wall { clock })
            .secure_random(random)
            .insecure_random(insecure)
            .insecure_random_seed(u128::from_le_bytes(insecure_seed))
            .max_random_size(RANDOM_BYTES_MAX);
    }
}

/// Resolution that guests are told: what the contracts count in.
const RESOLUTION: Duration = Duration::from_millis(1);

struct Wall {
    clock: WallClock,
}

impl HostWallClock for Wall {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        (self.clock)()
    }
}

/// Time that only goes forward, although the wall clock may be set back.
struct Elapsed {
    clock: WallClock,
    latest: AtomicU64,
}

impl HostMonotonicClock for Elapsed {
    fn resolution(&self) -> u64 {
        nanoseconds(RESOLUTION)
    }

    fn now(&self) -> u64 {
        let now = nanoseconds((self.clock)());
        self.latest.fetch_max(now, Ordering::Relaxed).max(now)
    }
}

/// 584 years fit.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn the_monotonic_clock_does_not_follow_a_clock_that_is_set_back() {
        let now = Arc::new(Mutex::new(Duration::from_secs(100)));
        let shown = Arc::clone(&now);
        let read = move || *shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let elapsed = Elapsed { clock: Arc::new(read), latest: AtomicU64::new(0) };
        assert_eq!(elapsed.now(), 100_000_000_000);
        *now.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Duration::from_secs(50);
        assert_eq!(elapsed.now(), 100_000_000_000);
    }
}
