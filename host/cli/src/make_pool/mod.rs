//! Slots from the jobserver of GNU make: the pool that `make -jN`, or cargo, shares with
//! the programs that it starts.
//!
//! | the variable names | slots |
//! |---|---|
//! | no pool | are our own |
//! | a pool that is there | one is ours, which whoever started us has paid for; each further one is a token |
//! | a pool that cannot be used | are our own, after a warning |
//!
//! A token is a byte that was read from the pool, and the same byte is written back, on
//! every way out of the process but SIGKILL and a crash of the process as a whole
//! ([`give_back_all`]). How bytes are read and written, and which variables count, is
//! known to the crate `jobserver`.

mod bell;
mod inherit;
mod lost;
mod named;
mod purse;
#[cfg(test)]
mod tests;

pub(crate) use lost::Lost;

use bell::{Bell, Rung};
use jobserver::{Acquired, Client};
use lost::Why;
use named::Named;
use purse::{Purse, Taken};
use std::io;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use wodehost::{SlotPool, SlotPoolError, SlotToken};

/// Whether slots come from a jobserver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Jobserver {
    /// When there is one around us.
    Auto,
    /// Never.
    Off,
}

/// What this process was started with.
pub(crate) enum Inherited {
    Nothing,
    Pool(MakePool),
    Lost(Lost),
}

/// A pool that can be used.
pub(crate) struct MakePool {
    client: Client,
    bell: Bell,
    purse: &'static Purse<Acquired>,
}

static INHERITED: OnceLock<Inherited> = OnceLock::new();

static PURSE: Purse<Acquired> = Purse::new();

impl Jobserver {
    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Jobserver::Auto => "auto",
            Jobserver::Off => "off",
        }
    }

    /// Reads it as a variable holds it.
    pub(crate) fn parse(text: &str) -> Result<Jobserver, String> {
        match text {
            "auto" => Ok(Jobserver::Auto),
            "off" => Ok(Jobserver::Off),
            _ => Err(format!("`{text}` is neither `auto` nor `off`")),
        }
    }
}

/// Looks for a pool. `main` calls it before it opens any file; the module
/// of the same name says why.
pub(crate) fn inherit() {
    INHERITED.get_or_init(|| {
        let found = inherit::connect();
        let Some((variable, flags)) = found.var else {
            return Inherited::Nothing;
        };
        let flags = flags.to_string_lossy();
        if !named::name_one(&flags) {
            return Inherited::Nothing;
        }
        let made = found.client.map_err(|error| Why::of(&error));
        match made.and_then(|client| MakePool::new(client, &flags)) {
            Ok(pool) => Inherited::Pool(pool),
            Err(why) => Inherited::Lost(Lost::new(variable, why)),
        }
    });
}

/// What [`inherit()`] found.
pub(crate) fn inherited() -> &'static Inherited {
    INHERITED.get().unwrap_or(&Inherited::Nothing)
}

/// Tokens may be taken from now on: signals are listened to, so that they cannot end the
/// process with tokens in it.
pub(crate) fn may_take() {
    PURSE.open();
}

/// Gives every token back; none is taken any more. For each way out of the process.
pub(crate) fn give_back_all() {
    PURSE.close();
}

impl MakePool {
    fn new(client: Client, flags: &str) -> Result<MakePool, Why> {
        let named = Named::of(flags).ok_or(Why::Unreadable)?;
        let bell = Bell::at(&named.path()).map_err(|error| Why::Closed(error.into()))?;
        Ok(MakePool {
            client,
            bell,
            purse: &PURSE,
        })
    }
}

impl SlotPool for &'static MakePool {
    fn take(&self, at_most: Duration) -> Result<Option<SlotToken>, SlotPoolError> {
        let gone = |error: io::Error| SlotPoolError::new(error);
        let until = Instant::now() + at_most;
        if !self.purse.wait_until_open(at_most) {
            return Ok(None);
        }
        loop {
            let taken = self.purse.take(|| self.client.try_acquire());
            match taken.map_err(gone)? {
                Taken::Coin(coin) => return Ok(Some(SlotToken::new(coin))),
                Taken::Shut => return Ok(None),
                Taken::Nothing => (),
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.bell.wait(left).map_err(gone)? {
                Rung::Token => (),
                Rung::Woken | Rung::Late => return Ok(None),
            }
        }
    }

    fn wake(&self) {
        self.bell.ring();
    }
}
