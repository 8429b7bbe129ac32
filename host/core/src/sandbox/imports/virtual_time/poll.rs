//! WASI's `poll`, and the pollables of its monotonic clock.
//!
//! Without files and a network nothing becomes ready by itself but time. So what is ready
//! at once is taken, and where nothing is, the clock moves on to the first of the timers.

use super::{Store, determined, now, pass};
use crate::sandbox::meter::Interface;
use crate::sandbox::state::GuestState;
use crate::sandbox::virtual_clock::Waiting;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use wasmtime::component::{Linker, Resource, ResourceTable};
use wasmtime_wasi::p2::bindings::io::poll::{Host, HostPollable};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

/// What the timers of a store look at.
#[derive(Debug, Default)]
pub(crate) struct Dial(Mutex<Shown>);

#[derive(Debug, Default)]
struct Shown {
    now: u64,
    /// The first of the timers that were asked and are not ready.
    next: Option<u64>,
}

impl Dial {
    fn show(&self, now: u64) {
        *self.shown() = Shown { now, next: None };
    }

    /// The first of the timers that were asked since.
    fn next(&self) -> Option<u64> {
        self.shown().next
    }

    /// Whether it is time.
    fn is_time(&self, when: u64) -> bool {
        let mut shown = self.shown();
        if when <= shown.now {
            return true;
        }
        shown.next = Some(shown.next.map_or(when, |next| next.min(when)));
        false
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        // It is changed in one step each.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A moment on the clock, nanoseconds.
struct Timer {
    when: u64,
    dial: Arc<Dial>,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {
        if !self.dial.is_time(self.when) {
            pending::<()>().await;
        }
    }
}

/// A pollable that is ready at a moment on the clock.
pub(super) fn timer(state: &mut GuestState, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
    let dial = determined(state)?.dial.clone();
    let timer = state.table.push(Timer { when, dial })?;
    subscribe(&mut state.table, timer)
}

pub(super) fn bind(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut io = linker.instance("wasi:io/poll@0.2.12")?;
    io.func_wrap_async(
        "poll",
        |mut store: Store<'_>, (pollables,): (Vec<Resource<DynPollable>>,)| {
            Box::new(async move { Ok((poll(&mut store, &pollables).await?,)) })
        },
    )?;
    io.func_wrap_async(
        "[method]pollable.block",
        |mut store: Store<'_>, (pollable,): (Resource<DynPollable>,)| {
            Box::new(async move { poll(&mut store, &[pollable]).await.map(drop) })
        },
    )?;
    io.func_wrap_async(
        "[method]pollable.ready",
        |mut store: Store<'_>, (pollable,): (Resource<DynPollable>,)| {
            Box::new(async move {
                show(&mut store)?;
                let table = counted(&mut store)?;
                Ok((HostPollable::ready(table, pollable).await?,))
            })
        },
    )
}

async fn poll(
    store: &mut Store<'_>,
    pollables: &[Resource<DynPollable>],
) -> wasmtime::Result<Vec<u32>> {
    let list = || {
        let borrowed = |pollable: &Resource<DynPollable>| Resource::new_borrow(pollable.rep());
        pollables.iter().map(borrowed).collect()
    };
    counted(store)?;
    loop {
        let dial = show(store)?;
        let ready = {
            let mut polled = pin!(Host::poll(&mut store.data_mut().table, list()));
            poll_fn(|cx| Poll::Ready(polled.as_mut().poll(cx))).await
        };
        if let Poll::Ready(ready) = ready {
            return ready;
        }
        let Some(next) = dial.next() else {
            // Nothing of what there is; whoever made it wakes us.
            return Host::poll(&mut store.data_mut().table, list()).await;
        };
        let now = now(store)?;
        pass(store, next.saturating_sub(now), Waiting::Asleep)?;
    }
}

/// Shows the timers what time it is.
fn show(store: &mut Store<'_>) -> wasmtime::Result<Arc<Dial>> {
    let now = now(store)?;
    let dial = determined(store.data_mut())?.dial.clone();
    dial.show(now);
    Ok(dial)
}

/// The table, for a call that counts.
fn counted<'a>(store: &'a mut Store<'_>) -> wasmtime::Result<&'a mut ResourceTable> {
    let state = store.data_mut();
    state.meter.count(Interface::Wasi)?;
    Ok(&mut state.table)
}
