//! A store that lives from call to call: of a producer, a consumer, a gate, a stage.
//!
//! Fuel, host-call counters and the keepalive hold per call. After a call that ended
//! badly the store is dropped; whoever owns the session opens a new one.

use super::attempt::{Watch, refuel, store};
use super::ending::{Ending, Phase};
use super::guard::{Bounds, Guard, Verdict};
use super::meter::Meter;
use super::state::{GuestState, Role};
use crate::limits::Limits;
use crate::plugin::Plugin;
use crate::task::Reason;
use std::pin::{Pin, pin};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower};

/// Characters of a guest's last words that go into a message.
const LAST_WORDS_CHARS_MAX: usize = 1000;

/// See the module.
pub(crate) struct Session {
    plugin: Plugin,
    limits: Arc<Limits>,
    live: Option<Live>,
    /// Time spent in the guest, nanoseconds.
    guest_nanos: u64,
}

struct Live {
    store: Store<GuestState>,
    instance: Instance,
}

impl Session {
    /// A session without a store.
    pub(crate) fn new(plugin: Plugin, limits: Arc<Limits>) -> Session {
        Session {
            plugin,
            limits,
            live: None,
            guest_nanos: 0,
        }
    }

    pub(crate) fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    pub(crate) fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// Whether there is a store to call.
    pub(crate) fn is_open(&self) -> bool {
        self.live.is_some()
    }

    /// Makes a fresh store and an instance in it.
    pub(crate) async fn open(
        &mut self,
        role: Role,
        bounds: Bounds,
        watch: &mut Watch,
    ) -> Result<(), Ending> {
        let meter = Meter::new(self.limits.clone());
        let state = GuestState::new(self.plugin.clone(), meter, watch, role);
        let mut store = store(self.plugin.engine(), state).map_err(|error| internal(&error))?;
        let plugin = self.plugin.clone();
        let verdict = {
            let call = pin!(plugin.pre().instantiate_async(&mut store));
            self.guarded(call, bounds, watch).await
        };
        match Ending::of_verdict(verdict, Phase::Instantiate, store.data()) {
            Ok(instance) => {
                self.live = Some(Live { store, instance });
                Ok(())
            }
            Err(ending) => Err(fallen(&store, ending)),
        }
    }

    /// Calls an exported function of the open store; one that ended badly is gone
    /// afterwards.
    pub(crate) async fn call<P, R>(
        &mut self,
        index: ComponentExportIndex,
        params: P,
        bounds: Bounds,
        watch: &mut Watch,
    ) -> Result<R, Ending>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let Some(mut live) = self.live.take() else {
            return Err(Ending::new(Reason::Internal, "no store is open".to_owned()));
        };
        let left = live.store.get_fuel().ok();
        let shares_deadline = bounds.since.is_some();
        live.store.data_mut().begin_call(left, shares_deadline);
        refuel(&mut live.store).map_err(|error| internal(&error))?;
        let verdict = {
            let Live { store, instance } = &mut live;
            let call = pin!(async {
                let func = instance.get_typed_func::<P, R>(&mut *store, &index)?;
                func.call_async(&mut *store, params).await
            });
            self.guarded(call, bounds, watch).await
        };
        match Ending::of_verdict(verdict, Phase::Run, live.store.data()) {
            Ok(returned) => {
                self.live = Some(live);
                Ok(returned)
            }
            Err(ending) => Err(fallen(&live.store, ending)),
        }
    }

    /// The host waits between two calls: the guest's clock goes on where it would stand still.
    pub(crate) fn waits(&mut self, time: Duration) {
        let live = self.live.as_mut().map(|live| live.store.data_mut());
        if let Some(determined) = live.and_then(|state| state.determined.as_mut()) {
            let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            determined.clock.skip(nanos);
        }
    }

    /// Drops the store, if there is one, and passes on what the guest printed.
    pub(crate) fn close(&mut self) {
        let Some(Live { store, .. }) = self.live.take() else {
            return;
        };
        let state = store.into_data();
        if let Some(captured) = &state.captured {
            state.pass_on_stdio(&captured.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    async fn guarded<F: Future>(
        &mut self,
        call: Pin<&mut F>,
        bounds: Bounds,
        watch: &mut Watch,
    ) -> Verdict<F::Output> {
        let sleep = watch.sleep.as_mut();
        let guest_nanos = &mut self.guest_nanos;
        Guard::new(call, &watch.pulse, sleep, bounds, guest_nanos).await
    }
}

/// What the guest carried along and said last belongs to its end.
fn fallen(store: &Store<GuestState>, mut ending: Ending) -> Ending {
    let state = store.data();
    if let (Role::Attempt(attempt), None) = (&state.role, &ending.data) {
        ending.data = Some(attempt.data.clone());
    }
    let Some(captured) = &state.captured else {
        return ending;
    };
    let captured = captured.lock().unwrap_or_else(PoisonError::into_inner);
    let last_words = captured.stderr.text(LAST_WORDS_CHARS_MAX);
    let last_words = last_words.trim();
    if !last_words.is_empty() && !ending.status.is_success() {
        let said = crate::value::escape_for_people(last_words, LAST_WORDS_CHARS_MAX);
        let message = ending.message.take().unwrap_or_default();
        ending.message = Some(format!("{message}; it wrote: {said}"));
    }
    ending
}

fn internal(error: &wasmtime::Error) -> Ending {
    Ending::new(Reason::Internal, error.to_string())
}
