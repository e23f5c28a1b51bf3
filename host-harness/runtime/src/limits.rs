//! What one call of a component may use, each limit with its unit and reason.
//!
//! [`Limits`] can be changed by an embedder; the constants of the engine's pool
//! cannot, because compiled code depends on them. Next: [`super::engine`].

use std::time::Duration;

use wasmtime::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};

/// Linear memory of one instance, in bytes. A run keeps a page of items and
/// its plan in memory, which is a few MiB; 64 MiB is room for the largest page
/// without letting a hundred instances fill a machine.
pub const MEMORY_BYTES_MAX: usize = 64 << 20;

/// Elements of one table. Rust components have one table of function pointers
/// with a few thousand entries.
pub const TABLE_ELEMENTS_MAX: usize = 20_000;

/// Core instances inside one component: the module and the shims that its
/// linker adds.
pub const CORE_INSTANCES_PER_COMPONENT_MAX: u32 = 16;

/// Calls that run at the same time in one process. Bounds memory: this many
/// times [`MEMORY_BYTES_MAX`].
pub const CONCURRENT_CALLS_MAX: u32 = 32;

/// How often the engine looks whether running code has used up its time. Short
/// enough that others get their turn, long enough to cost nothing.
pub const EPOCH_TICK: Duration = Duration::from_millis(20);

/// How long a call may compute. Waiting for the host does not count. Planning
/// ten thousand items takes well under a second.
pub const COMPUTE_TIME_MAX: Duration = Duration::from_secs(10);

/// How long a call may take with everything it waits for. Steps end themselves
/// much earlier; this catches one that waits for ever.
pub const CALL_TIME_MAX: Duration = Duration::from_mins(5);

/// Bytes that one call of a host function may make the host copy out of the
/// guest. A commit of the largest size fits.
pub const HOST_CALL_BYTES_MAX: usize = 32 << 20;

/// Resources of WASI (requests, bodies, streams, headers, waits) that one call may
/// hold at a time. A step has a handful for each of its requests in flight; each of
/// them is memory of the host, not of the guest.
pub const RESOURCES_MAX: usize = 2_000;

/// Headers that a component makes at a time, in bytes, names and values together.
/// Those of answers are bounded by the client that reads them. Access tokens have a
/// few KiB. With [`RESOURCES_MAX`] this bounds what headers cost.
pub const HEADER_BYTES_MAX: usize = 32 << 10;

/// Host calls of one call, requests included. A step of the largest budget makes a
/// few thousand; what makes more is in a loop that waits too much to be stopped by
/// [`COMPUTE_TIME_MAX`].
pub const HOST_CALLS_MAX: u64 = 100_000;

/// Body of one request, in bytes. A batch of the largest items is below 4 MB, which
/// is what Graph takes.
pub const REQUEST_BYTES_MAX: u64 = 8 << 20;

/// Bytes of random data in one request for it. Keys and ids are 32 bytes.
pub const RANDOM_BYTES_MAX: u64 = 64 << 10;

/// Body of one response, in bytes. The largest page of a mailbox is below 5 MiB.
pub const RESPONSE_BYTES_MAX: u64 = 16 << 20;

/// Requests of all instances that are in flight at the same time.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 128;

/// How long connecting may take.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// How long the first byte of an answer may take; batches are slow.
pub const FIRST_BYTE_TIME_MAX: Duration = Duration::from_secs(100);

/// How long an answer may pause.
pub const BETWEEN_BYTES_TIME_MAX: Duration = Duration::from_secs(30);

/// How long a name lookup may take.
pub const RESOLVE_TIME_MAX: Duration = Duration::from_secs(5);

/// Bytes of one line that a component prints; longer lines are cut.
pub const OUTPUT_LINE_BYTES_MAX: usize = 2_000;

/// Lines that one call may print; the rest is dropped.
pub const OUTPUT_LINES_MAX: u32 = 200;

/// Denied requests that one call keeps for its error.
pub const DENIED_KEPT_MAX: usize = 8;

/// What one call may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory in bytes; at most [`MEMORY_BYTES_MAX`].
    pub memory_bytes: usize,
    /// Computing time.
    pub compute_time: Duration,
    /// Time with everything the call waits for.
    pub call_time: Duration,
    /// Bytes that one host call may copy out of the guest.
    pub host_call_bytes: usize,
    /// Body of one response in bytes.
    pub response_bytes: u64,
    /// Body of one request in bytes.
    pub request_bytes: u64,
    /// Host calls.
    pub host_calls: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: MEMORY_BYTES_MAX,
            compute_time: COMPUTE_TIME_MAX,
            call_time: CALL_TIME_MAX,
            host_call_bytes: HOST_CALL_BYTES_MAX,
            response_bytes: RESPONSE_BYTES_MAX,
            request_bytes: REQUEST_BYTES_MAX,
            host_calls: HOST_CALLS_MAX,
        }
    }
}

/// A guest asked for more memory than it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected at most {limit} bytes of memory, but found that the component asks for {wanted}")]
pub(crate) struct MemoryExhausted {
    /// The limit in bytes.
    pub(crate) limit: usize,
    /// What it asked for, in bytes.
    pub(crate) wanted: usize,
}

/// A guest computed for longer than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the component to compute for at most {} seconds, but found it still running", .limit.as_secs_f32())]
pub(crate) struct ComputeTimeOver {
    /// The limit.
    pub(crate) limit: Duration,
}

/// Counts what a store allocates. A refused allocation ends the call at once
/// with the reason, instead of leaving it to the guest's allocator to abort.
pub(crate) struct Meter {
    inner: StoreLimits,
    memory_bytes: usize,
}

impl Meter {
    pub(crate) fn new(limits: &Limits) -> Self {
        let inner =
            StoreLimitsBuilder::new().memory_size(limits.memory_bytes).table_elements(TABLE_ELEMENTS_MAX).build();
        Self { inner, memory_bytes: limits.memory_bytes }
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if self.inner.memory_growing(current, desired, maximum)? {
            return Ok(true);
        }
        Err(wasmtime::Error::new(MemoryExhausted { limit: self.memory_bytes, wanted: desired }))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.inner.table_growing(current, desired, maximum)
    }
}
