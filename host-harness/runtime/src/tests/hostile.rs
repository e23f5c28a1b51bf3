//! Guests that mean harm: each ends with a failure that says what it did, within
//! memory that was bounded beforehand, and the host serves the next one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpHooks as _};

use super::outgoing::Counted;
use super::*;
use crate::limits::{HEADER_BYTES_MAX, OUTPUT_LINE_BYTES_MAX, OUTPUT_LINES_MAX, RESOURCES_MAX, TABLE_ELEMENTS_MAX};
use crate::outbound::Outbound;
use crate::{Authority, BrokenConnection, HostMemory, LoadError, Transport, TransportBody};

/// A contract that offers what these guests misuse.
fn offered() -> Contract {
    let standard = ["wasi:io", "wasi:clocks", "wasi:http", "wasi:cli"].map(str::to_owned);
    Contract { offered: [("take".to_owned(), "none".to_owned())].into(), standard: standard.into(), ..contract() }
}

/// A component of this text, linked with WASI and with `take`, which keeps the
/// texts that it is given for as long as the call lasts.
fn guest(engine: &Arc<PluginEngine>, text: &str, limits: Limits) -> Result<Plugin<()>, LoadError> {
    let loaded = load(engine, &wat::parse_str(text).unwrap(), &offered(), None)?;
    let mut linker = linker::<()>(engine).unwrap();
    let take = move |_: wasmtime::StoreContextMut<'_, StoreState<()>>, (texts,): (Vec<String>,)| {
        assert!(texts.iter().map(String::len).sum::<usize>() <= limits.host_call_bytes, "more than was allowed");
        Ok(())
    };
    linker.root().func_wrap("take", take).unwrap();
    let identity = PluginIdentity { name: "sample".to_owned(), version: "1.2.3".to_owned() };
    Plugin::new(Arc::clone(engine), &linker, &loaded, identity, limits, Client::new(AllowList::default(), None))
}

/// How the call of a guest ends. The same engine then serves another one.
async fn end_of(text: &str) -> Result<(), FailureKind> {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let plugin = guest(&engine, text, limits()).map_err(|error| FailureKind::Host { reason: error.to_string() })?;
    let ended = run(&plugin, None).await.map_err(|failure| failure.kind);
    run(&super::plugin(&engine, "(call $tick)"), None).await.unwrap();
    ended
}

/// A component around one core module without imports.
fn alone(module: &str) -> String {
    format!(
        r#"(component (core module $code {module})
            (core instance $instance (instantiate $code))
            (func (export "run") (canon lift (core func $instance "run"))))"#
    )
}

#[tokio::test]
async fn a_guest_that_loops_before_it_is_called_is_stopped() {
    let module = r#"(func $loop (loop $again (br $again))) (start $loop) (func (export "run"))"#;
    assert_eq!(end_of(&alone(module)).await, Err(FailureKind::ComputeTime { limit: limits().compute_time }));
}

#[tokio::test]
async fn a_guest_that_begins_with_more_memory_than_it_may_have_is_not_started() {
    let ended = end_of(&alone(r#"(memory 200) (func (export "run"))"#)).await;
    assert_eq!(ended, Err(FailureKind::Memory { limit: limits().memory_bytes, wanted: 200 << 16 }));
}

#[tokio::test]
async fn a_table_does_not_grow_beyond_its_limit() {
    // Refused, the guest goes on; had it been granted, it would trap.
    let grow = |elements: usize| {
        format!(
            r#"(table 1 funcref) (func (export "run")
                (if (i32.ne (table.grow (ref.null func) (i32.const {elements})) (i32.const -1)) (then unreachable)))"#
        )
    };
    assert_eq!(end_of(&alone(&grow(TABLE_ELEMENTS_MAX))).await, Ok(()));
    let granted = end_of(&alone(&grow(10))).await;
    assert!(matches!(granted, Err(FailureKind::Trap { .. })), "the test can fail: {granted:?}");
    let begun = end_of(&alone(&format!(r#"(table {} funcref) (func (export "run"))"#, TABLE_ELEMENTS_MAX + 1))).await;
    assert!(matches!(begun, Err(FailureKind::Host { .. })), "{begun:?}");
}

/// A list of `count` texts, all of them the same half MiB of the guest's memory:
/// what the host copies has nothing to do with what the guest has.
fn aliases(count: usize) -> String {
    format!(
        r#"(component
            (import "take" (func $take (param "texts" (list string))))
            (core module $memory (memory (export "memory") 16))
            (core instance $memory (instantiate $memory))
            (alias core export $memory "memory" (core memory $shared))
            (core func $take (canon lower (func $take) (memory $shared)))
            (core module $code
                (import "host" "take" (func $take (param i32 i32)))
                (import "host" "memory" (memory 16))
                (func (export "run") (local $at i32)
                    (local.set $at (i32.const 0x90000))
                    (loop $next
                        (i32.store offset=4 (local.get $at) (i32.const 0x80000))
                        (local.set $at (i32.add (local.get $at) (i32.const 8)))
                        (br_if $next (i32.lt_u (local.get $at) (i32.const {end}))))
                    (call $take (i32.const 0x90000) (i32.const {count}))))
            (core instance $instance (instantiate $code (with "host" (instance
                (export "take" (func $take)) (export "memory" (memory $shared))))))
            (func (export "run") (canon lift (core func $instance "run"))))"#,
        end = 0x9_0000 + count * 8,
    )
}

#[tokio::test]
async fn a_list_that_is_huge_for_the_host_alone_is_not_copied() {
    assert_eq!(end_of(&aliases(10)).await, Ok(()));
    // 100 MiB for the host, 1 MiB for the guest.
    let limit = limits().host_call_bytes;
    let expected = FailureKind::HostMemory { what: HostMemory::Arguments { limit } };
    assert_eq!(end_of(&aliases(200)).await, Err(expected));
}

/// Waits for `count` moments, and forgets none of them.
fn waits(count: usize) -> String {
    format!(
        r#"(component
            (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
            (alias export $poll "pollable" (type $pollable))
            (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
                (alias outer 1 $pollable (type $outer))
                (export "pollable" (type $inner (eq $outer)))
                (export "subscribe-duration" (func (param "when" u64) (result (own $inner))))))
            (core func $wait (canon lower (func $clock "subscribe-duration")))
            (core module $code
                (import "host" "wait" (func $wait (param i64) (result i32)))
                (func (export "run") (local $left i32)
                    (local.set $left (i32.const {count}))
                    (loop $next
                        (drop (call $wait (i64.const 1000000000)))
                        (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
            (core instance $instance (instantiate $code (with "host" (instance (export "wait" (func $wait))))))
            (func (export "run") (canon lift (core func $instance "run"))))"#
    )
}

#[tokio::test]
async fn a_guest_that_holds_thousands_of_waits_is_stopped() {
    assert_eq!(end_of(&waits(100)).await, Ok(()));
    let expected = FailureKind::HostMemory { what: HostMemory::Resources };
    assert_eq!(end_of(&waits(RESOURCES_MAX + 1)).await, Err(expected));
}

/// Appends `count` headers of `length` bytes each to one request.
fn headers(count: usize, length: usize) -> String {
    format!(
        r#"(component
            (import "wasi:http/types@0.2.0" (instance $http
                (export "fields" (type $fields (sub resource)))
                (type $error (variant (case "invalid-syntax") (case "forbidden") (case "immutable")))
                (export "header-error" (type $header-error (eq $error)))
                (export "[constructor]fields" (func (result (own $fields))))
                (export "[method]fields.append" (func (param "self" (borrow $fields)) (param "name" string)
                    (param "value" (list u8)) (result (result (error $header-error)))))))
            (core module $memory (memory (export "memory") 2))
            (core instance $memory (instantiate $memory))
            (alias core export $memory "memory" (core memory $shared))
            (core func $new (canon lower (func $http "[constructor]fields")))
            (core func $append (canon lower (func $http "[method]fields.append") (memory $shared)))
            (core module $code
                (import "host" "new" (func $new (result i32)))
                (import "host" "append" (func $append (param i32 i32 i32 i32 i32 i32)))
                (import "host" "memory" (memory 2))
                (data (i32.const 0) "x-flood")
                (func (export "run") (local $left i32) (local $fields i32)
                    (memory.fill (i32.const 64) (i32.const 120) (i32.const {length}))
                    (local.set $left (i32.const {count}))
                    (local.set $fields (call $new))
                    (loop $next
                        (call $append (local.get $fields) (i32.const 0) (i32.const 7) (i32.const 64) (i32.const {length})
                            (i32.const 16))
                        (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
            (core instance $instance (instantiate $code (with "host" (instance
                (export "new" (func $new)) (export "append" (func $append)) (export "memory" (memory $shared))))))
            (func (export "run") (canon lift (core func $instance "run"))))"#
    )
}

#[tokio::test]
async fn a_flood_of_headers_and_a_giant_one_end_the_call() {
    assert_eq!(end_of(&headers(20, 100)).await, Ok(()));
    let expected = || Err(FailureKind::HostMemory { what: HostMemory::Headers });
    assert_eq!(end_of(&headers(5_000, 100)).await, expected());
    assert_eq!(end_of(&headers(1, HEADER_BYTES_MAX + 1)).await, expected());
}

#[tokio::test]
async fn a_guest_that_calls_its_host_without_end_is_stopped() {
    let engine = Arc::new(PluginEngine::start().unwrap());
    let endless = plugin_with(&engine, "(loop $again (call $tick) (br $again))", Limits { host_calls: 50, ..limits() });
    assert_eq!(run(&endless, None).await.unwrap_err().kind, FailureKind::HostCalls { limit: 50 });
    // One that is torn down before is torn down.
    assert_eq!(run(&endless, Some(50)).await.unwrap_err().kind, FailureKind::TornDown { calls: 50 });
    run(&plugin(&engine, "(call $tick)"), None).await.unwrap();
}

/// Prints `count` lines of `length` bytes, line end included.
fn prints(count: usize, length: usize) -> String {
    format!(
        r#"(component
            (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
            (alias export $error "error" (type $failed))
            (import "wasi:io/streams@0.2.0" (instance $streams
                (alias outer 1 $failed (type $outer))
                (export "error" (type $error (eq $outer)))
                (export "output-stream" (type $stream (sub resource)))
                (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
                (export "stream-error" (type $stream-error (eq $failure)))
                (export "[method]output-stream.blocking-write-and-flush" (func (param "self" (borrow $stream))
                    (param "contents" (list u8)) (result (result (error $stream-error)))))))
            (alias export $streams "output-stream" (type $output))
            (import "wasi:cli/stdout@0.2.0" (instance $stdout
                (alias outer 1 $output (type $outer))
                (export "output-stream" (type $stream (eq $outer)))
                (export "get-stdout" (func (result (own $stream))))))
            (core module $memory (memory (export "memory") 1))
            (core instance $memory (instantiate $memory))
            (alias core export $memory "memory" (core memory $shared))
            (core func $stdout (canon lower (func $stdout "get-stdout")))
            (core func $write
                (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $shared)))
            (core module $code
                (import "host" "stdout" (func $stdout (result i32)))
                (import "host" "write" (func $write (param i32 i32 i32 i32)))
                (import "host" "memory" (memory 1))
                (func (export "run") (local $left i32) (local $out i32)
                    (memory.fill (i32.const 64) (i32.const 120) (i32.const {length}))
                    (i32.store8 (i32.const {end}) (i32.const 10))
                    (local.set $left (i32.const {count}))
                    (local.set $out (call $stdout))
                    (loop $next
                        (call $write (local.get $out) (i32.const 64) (i32.const {length}) (i32.const 16))
                        (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
            (core instance $instance (instantiate $code (with "host" (instance
                (export "stdout" (func $stdout)) (export "write" (func $write)) (export "memory" (memory $shared))))))
            (func (export "run") (canon lift (core func $instance "run"))))"#,
        end = 64 + length - 1,
    )
}

/// Counts what is written into the log, and keeps the longest of it.
#[derive(Clone, Default)]
struct Log {
    lines: Arc<AtomicU64>,
    longest: Arc<AtomicU64>,
}

impl tracing::field::Visit for Log {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.longest.fetch_max(format!("{value:?}").len() as u64, Ordering::SeqCst);
        }
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("tandem_runtime::output")
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.lines.fetch_add(1, Ordering::SeqCst);
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn what_a_guest_prints_fills_no_log() {
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let lines = async |count: usize, length: usize| {
        log.lines.store(0, Ordering::SeqCst);
        log.longest.store(0, Ordering::SeqCst);
        assert_eq!(end_of(&prints(count, length)).await, Ok(()), "the guest goes on");
        (log.lines.load(Ordering::SeqCst), log.longest.load(Ordering::SeqCst))
    };
    let most = u64::from(OUTPUT_LINES_MAX);
    assert_eq!(lines(3, 11).await, (3, 10), "what is within the limits is in the log");
    assert_eq!(lines(2 * OUTPUT_LINES_MAX as usize, 11).await, (most, 10), "more lines than one call may print");
    assert_eq!(lines(2, 2 * OUTPUT_LINE_BYTES_MAX).await, (2, OUTPUT_LINE_BYTES_MAX as u64), "longer ones");
    drop(guard);
}

/// A body of a KiB, again and again, which counts how often it was asked.
struct Endless(Arc<AtomicU64>);

impl Body for Endless {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 1024])))))
    }
}

/// Reads whatever it is sent to its end.
struct Patient;

impl Transport for Patient {
    fn serves(&self, authority: &Authority) -> bool {
        Counted.serves(authority)
    }

    fn send(
        &self,
        request: Request<WasiBody>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<TransportBody>, BrokenConnection>> + Send>> {
        Box::pin(async move {
            request.into_body().collect().await.map_err(|_| BrokenConnection)?;
            Ok(Response::new(Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync()))
        })
    }
}

#[tokio::test]
async fn a_request_without_end_is_cut() {
    let allowed = AllowList::default().allow(Authority::of_url("https://inside.example").unwrap());
    let client = Client::new(allowed, Some(Arc::new(Patient)));
    let limits = Limits { request_bytes: 64 << 10, ..limits() };
    let mut outbound = Outbound::new(client, HostCalls::new(None), None, &limits);
    let asked = Arc::new(AtomicU64::new(0));
    let mut send = |body: WasiBody| {
        let request = Request::post("https://inside.example/1").body(body).unwrap();
        std::pin::Pin::from(outbound.send_request(request, None, Box::new(async { Ok(()) })))
    };
    let whole = Full::new(Bytes::from(vec![b'x'; 64 << 10])).map_err(|never| match never {}).boxed_unsync();
    assert!(send(whole).await.is_ok(), "as much as is allowed");
    let cut = send(Endless(Arc::clone(&asked)).boxed_unsync()).await;
    assert!(matches!(cut, Err(Error::ConnectionTerminated)), "{:?}", cut.err());
    assert_eq!(asked.load(Ordering::SeqCst), 65, "nothing is read behind the limit");
}
