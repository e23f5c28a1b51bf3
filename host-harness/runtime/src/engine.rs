//! The engine: one per process, shared by all components.
//!
//! It compiles, holds the pool from which instances take their memory, and
//! counts the ticks by which code that does not end is stopped. Next:
//! [`super::component`].

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::limits::{
    CONCURRENT_CALLS_MAX, CORE_INSTANCES_PER_COMPONENT_MAX, EPOCH_TICK, MEMORY_BYTES_MAX, TABLE_ELEMENTS_MAX,
};

/// Tables of one component; two for the module and its shim.
const TABLES_PER_COMPONENT_MAX: u32 = 4;

/// Memory that a slot of the pool keeps after use, in bytes, because resetting
/// a few pages is cheaper than returning them. A small instance touches less
/// than this.
const SLOT_KEPT_BYTES: usize = 1 << 20;

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The machine or the configuration does not allow it.
    #[error("the WebAssembly engine could not be started")]
    Start(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An engine with its ticker.
pub struct PluginEngine {
    engine: Engine,
    counts_fuel: bool,
    /// Places in the pool.
    places: Arc<Semaphore>,
    // Held for its `Drop`.
    _ticker: Ticker,
}

impl PluginEngine {
    /// Starts an engine and its ticker.
    ///
    /// # Errors
    /// Where the pool's address space cannot be reserved, or no thread can be
    /// started.
    pub fn start() -> Result<Self, EngineError> {
        Self::with(false)
    }

    /// Starts an engine that also counts what components compute, by instructions:
    /// the same work always costs the same fuel. Components are compiled for it
    /// anew, and are slower on it; it is for trying what becomes of one that is
    /// stopped anywhere.
    ///
    /// # Errors
    /// As for [`PluginEngine::start`].
    pub fn start_counting_fuel() -> Result<Self, EngineError> {
        Self::with(true)
    }

    fn with(counts_fuel: bool) -> Result<Self, EngineError> {
        let mut config = config();
        config.consume_fuel(counts_fuel);
        let engine = Engine::new(&config).map_err(|error| EngineError::Start(error.into()))?;
        let ticker = Ticker::start(&engine).map_err(|error| EngineError::Start(error.into()))?;
        let places = Arc::new(Semaphore::new(CONCURRENT_CALLS_MAX as usize));
        Ok(Self { engine, counts_fuel, places, _ticker: ticker })
    }

    /// The engine itself, for linkers.
    pub fn wasmtime(&self) -> &Engine {
        &self.engine
    }

    /// Whether it counts fuel.
    pub fn counts_fuel(&self) -> bool {
        self.counts_fuel
    }

    /// Waits for a place in the pool, which would refuse one call too many. The
    /// semaphore is never closed, so there is always a permit.
    pub(crate) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }
}

fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(CONCURRENT_CALLS_MAX)
        .total_core_instances(CONCURRENT_CALLS_MAX * CORE_INSTANCES_PER_COMPONENT_MAX)
        .total_memories(CONCURRENT_CALLS_MAX)
        .total_tables(CONCURRENT_CALLS_MAX * TABLES_PER_COMPONENT_MAX)
        .total_stacks(CONCURRENT_CALLS_MAX)
        .max_core_instances_per_component(CORE_INSTANCES_PER_COMPONENT_MAX)
        .max_memories_per_component(1)
        .max_tables_per_component(TABLES_PER_COMPONENT_MAX)
        .max_memory_size(MEMORY_BYTES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .linear_memory_keep_resident(SLOT_KEPT_BYTES);
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .epoch_interruption(true)
        // No more address space than a slot can use: containers often limit it.
        .memory_reservation(MEMORY_BYTES_MAX as u64)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// A thread that advances the engine's epoch and ends when this is dropped.
struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: &Engine) -> std::io::Result<Self> {
        let (stop, stopped) = channel::<()>();
        let engine = engine.weak();
        let tick = move || {
            // Every other answer means that the owner is gone.
            while matches!(stopped.recv_timeout(EPOCH_TICK), Err(RecvTimeoutError::Timeout)) {
                let Some(engine) = engine.upgrade() else {
                    return;
                };
                engine.increment_epoch();
            }
        };
        let thread = std::thread::Builder::new().name("plugin-epoch".to_owned()).spawn(tick)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread cannot panic, and there would be nobody to tell.
            drop(thread.join());
        }
    }
}
