//! Ticks, so that computing guests give way.
//!
//! A thread of its own ticks, because guests would delay a task. Should it stand still, for
//! whatever reason, a task on the control thread stands in for it: guests that compute are
//! then noticed later, but they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::task::AbortHandle;
use wasmtime::{Engine, EngineWeak};

/// How often guests that compute give way.
const TICK: Duration = Duration::from_millis(5);

/// How often it is looked whether the thread still ticks. Less than what a person notices.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// So many looks in a row without a tick are told: on a busy machine a thread may well
/// have to wait for some.
const MISSED_TOLD: u32 = 100;

/// How often it has ticked; clones share the count. Who counts epochs has them of the engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ticks(Arc<AtomicU64>);

impl Ticks {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Ticks for those who count and for those who have epochs.
    fn tick(&self, engine: &Engine) {
        self.0.fetch_add(1, Ordering::Relaxed);
        engine.increment_epoch();
    }
}

/// See the module. Ends when it is dropped.
pub(super) struct Ticker {
    /// Dropped to wake the thread for its end.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    stand_in: AbortHandle,
}

impl Ticker {
    pub(super) fn start(
        engine: &Engine,
        ticks: &Ticks,
        control: &tokio::runtime::Handle,
    ) -> std::io::Result<Ticker> {
        let beats = Arc::new(AtomicU64::new(0));
        let (stop, stopped) = channel::<()>();
        let (weak, beating, ticked) = (engine.weak(), beats.clone(), ticks.clone());
        let thread = std::thread::Builder::new()
            .name("wodehost-ticker".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    beating.fetch_add(1, Ordering::Relaxed);
                    match weak.upgrade() {
                        Some(engine) => ticked.tick(&engine),
                        None => break,
                    }
                }
            })?;
        let stand_in = control.spawn(stand_in(engine.weak(), beats, ticks.clone()));
        Ok(Ticker {
            stop: Some(stop),
            thread: Some(thread),
            stand_in: stand_in.abort_handle(),
        })
    }
}

/// Ticks whenever the thread has not since the last look.
async fn stand_in(engine: EngineWeak, beats: Arc<AtomicU64>, ticks: Ticks) {
    let mut seen = beats.load(Ordering::Relaxed);
    let mut missed = 0;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let now = beats.load(Ordering::Relaxed);
        if std::mem::replace(&mut seen, now) != now {
            missed = 0;
            continue;
        }
        let Some(engine) = engine.upgrade() else {
            return;
        };
        ticks.tick(&engine);
        missed += 1;
        if missed == MISSED_TOLD {
            tracing::warn!(target: "wodehost::sandbox",
                "the clock's thread stands still; guests that compute are noticed later");
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stand_in.abort();
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It waits for nothing but the stop, so it ends at once.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::engine::{EngineConfig, engine};
    use super::*;
    use wasmtime::{Instance, Module, Store};

    /// `(module (func (export "f") (loop (br 0))))`
    const LOOP: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x05\x01\x01f\0\0\
        \x0a\x09\x01\x07\0\x03\x40\x0c\0\x0b\x0b";

    /// Runs a loop until the epoch has advanced once.
    fn gives_way(engine: &Engine) {
        let module = Module::new(engine, LOOP).expect("a module");
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(1);
        let instance = Instance::new(&mut store, &module, &[]).expect("nothing is imported");
        let f = instance.get_typed_func::<(), ()>(&mut store, "f");
        let trap = f
            .expect("it is there")
            .call(&mut store, ())
            .expect_err("it never ends");
        assert_eq!(trap.downcast_ref(), Some(&wasmtime::Trap::Interrupt));
    }

    #[test]
    fn somebody_stands_in_for_a_thread_that_stands_still() {
        let config = EngineConfig {
            fuel: false,
            pooling: false,
            ..EngineConfig::default()
        };
        let engine = engine(&config).expect("an engine");
        let control = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .expect("a runtime");
        let ticks = Ticks::default();
        let mut ticker = Ticker::start(&engine, &ticks, control.handle()).expect("a thread");
        gives_way(&engine);
        // The thread is gone, as if it had died.
        drop(ticker.stop.take());
        let thread = ticker.thread.take().expect("it was started");
        thread.join().expect("it ends");
        let before = ticks.count();
        gives_way(&engine);
        gives_way(&engine);
        assert!(ticks.count() >= before + 2);
        // Whoever drops the ticker stops the stand-in, too.
        drop(ticker);
    }
}
