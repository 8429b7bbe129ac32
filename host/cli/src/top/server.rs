//! The side of a command that runs: it listens for `top`, and answers.
//!
//! It costs a short command some dozen calls of the system and no thread: a task on the
//! command line's own runtime waits. Nothing that a client does or leaves undone holds up
//! the run: questions are short, clients are few, and one that does not take its answer is
//! dropped. Where nobody can listen, it is a line in the log and nothing else.

use super::Watched;
use super::folder;
use super::protocol::{ASK_BYTES_MAX, Answer, Ask, Hello, Look, PROTOCOL, QUEUE_MAX};
use crate::signals::Stopper;
use crate::top::host::Steered;
use serde::Serialize;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};
use wodehost::{Host, JobId};

/// Clients at the same time.
const CLIENTS_MAX: usize = 8;

/// How long a client may take for an answer.
const TAKE_MAX: Duration = Duration::from_secs(5);

/// How long it may say nothing.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// Between two answers to the same client: looking locks the host for a moment.
const PAUSE: Duration = Duration::from_millis(5);

/// After a connection that could not be taken, such as for want of files.
const AFTER_ERROR: Duration = Duration::from_millis(500);

/// Sockets that are to be gone when the process is.
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the sockets of this process, for whoever leaves it on the spot. Never waits: it
/// may be that somebody who leaves holds the list.
pub(crate) fn put_away() {
    if let Ok(mut open) = OPEN.try_lock() {
        for path in open.drain(..) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Somebody listens; nobody does once it is dropped.
pub(crate) struct Server {
    path: PathBuf,
    task: AbortHandle,
}

impl Server {
    /// Listens for `top` on behalf of a command with a host; see [`Server::start`].
    pub(crate) fn of_host(
        command: &'static str,
        host: Arc<Host>,
        stopper: Arc<Stopper>,
    ) -> Option<Server> {
        Server::start(command, Arc::new(Steered { host, stopper }))
    }

    /// Listens for `top` on behalf of a command. To be called inside the command line's
    /// runtime; none where it is not possible.
    pub(crate) fn start(command: &'static str, watched: Arc<dyn Watched>) -> Option<Server> {
        let mut listener = Err(io::ErrorKind::NotFound.into());
        for folder in folder::folders() {
            listener = listen(&folder, command);
            if listener.is_ok() {
                break;
            }
        }
        match listener {
            Ok((listener, path)) => Some(Server::of(listener, path, command, watched)),
            Err(error) => {
                tracing::debug!(%error, "`wodehost top` cannot look at this");
                None
            }
        }
    }

    /// The same in a folder.
    #[cfg(test)]
    pub(super) fn start_in(
        folder: &Path,
        command: &'static str,
        watched: Arc<dyn Watched>,
    ) -> io::Result<Server> {
        let (listener, path) = listen(folder, command)?;
        Ok(Server::of(listener, path, command, watched))
    }

    fn of(
        listener: StdListener,
        path: PathBuf,
        command: &'static str,
        watched: Arc<dyn Watched>,
    ) -> Server {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.push(path.clone());
        drop(open);
        let hello = Hello {
            protocol: PROTOCOL,
            pid: std::process::id(),
            command: command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let desk = Arc::new(Desk {
            watched,
            hello,
            began: Instant::now(),
        });
        let task = tokio::spawn(async move {
            match UnixListener::from_std(listener) {
                Ok(listener) => receive(listener, desk).await,
                Err(error) => tracing::debug!(%error, "`wodehost top` cannot be heard"),
            }
        });
        let task = task.abort_handle();
        Server { path, task }
    }

    /// Where it listens.
    #[cfg(test)]
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|path| *path != self.path);
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Makes a socket that is complete, and its owner's alone, from the moment it has its
/// name: whoever finds one that refuses knows that its process is dead.
fn listen(folder: &Path, command: &str) -> io::Result<(StdListener, PathBuf)> {
    folder::make(folder, folder::our_uid())?;
    let name = folder::name(std::process::id(), command);
    let path = folder.join(&name);
    let fresh = folder.join(format!(".{name}"));
    // Of a dead process that had our number.
    let _ = std::fs::remove_file(&fresh);
    let listener = StdListener::bind(&fresh)?;
    let named = || {
        listener.set_nonblocking(true)?;
        std::fs::set_permissions(&fresh, Permissions::from_mode(0o600))?;
        // Two containers may have the same folder and the same numbers.
        if path.symlink_metadata().is_ok() && StdStream::connect(&path).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        std::fs::rename(&fresh, &path)
    };
    if let Err(error) = named() {
        let _ = std::fs::remove_file(&fresh);
        return Err(error);
    }
    Ok((listener, path))
}

/// Takes connections. Those that are taken end with it.
async fn receive(listener: UnixListener, desk: Arc<Desk>) {
    let places = Arc::new(Semaphore::new(CLIENTS_MAX));
    let mut clients = JoinSet::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::debug!(%error, "`wodehost top` cannot be heard");
                sleep(AFTER_ERROR).await;
                continue;
            }
        };
        while clients.try_join_next().is_some() {}
        let uid = stream.peer_cred().map(|peer| peer.uid());
        if !uid.is_ok_and(|uid| uid == folder::our_uid()) {
            continue;
        }
        match places.clone().try_acquire_owned() {
            Ok(place) => {
                let desk = desk.clone();
                clients.spawn(async move {
                    if let Err(error) = desk.attend(stream).await {
                        tracing::debug!(%error, "a `wodehost top` went away");
                    }
                    drop(place);
                });
            }
            Err(_) => too_many(&stream),
        }
    }
}

/// A connection that was just made has room for a line.
fn too_many(stream: &UnixStream) {
    let error = Answer::Error(format!("{CLIENTS_MAX} others are looking already"));
    if let Ok(line) = line_of(&error) {
        let _ = stream.try_write(&line);
    }
}

fn line_of(said: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    Ok(line)
}

/// What every client is told about.
struct Desk {
    watched: Arc<dyn Watched>,
    hello: Hello,
    began: Instant,
}

impl Desk {
    /// Answers a client until it goes away.
    async fn attend(&self, mut stream: UnixStream) -> io::Result<()> {
        let (reader, mut writer) = stream.split();
        let mut reader = BufReader::with_capacity(ASK_BYTES_MAX, reader);
        let mut line = Vec::new();
        say(&mut writer, &self.hello).await?;
        loop {
            line.clear();
            let bounded = (&mut reader).take(ASK_BYTES_MAX as u64);
            let mut bounded = std::pin::pin!(bounded);
            timeout(SILENCE_MAX, bounded.read_until(b'\n', &mut line)).await??;
            if line.last() == Some(&b'\n') {
                let answer = self.answer(&line).await;
                say(&mut writer, &answer).await?;
                sleep(PAUSE).await;
            } else if line.len() < ASK_BYTES_MAX {
                return Ok(());
            } else {
                let error = format!("a question has at most {ASK_BYTES_MAX} bytes");
                return say(&mut writer, &Answer::Error(error)).await;
            }
        }
    }

    async fn answer(&self, line: &[u8]) -> Answer {
        match serde_json::from_slice(line) {
            Ok(ask) => self.do_as(ask).await.unwrap_or_else(Answer::Error),
            Err(error) => Answer::Error(format!("the question is not understood: {error}")),
        }
    }

    async fn do_as(&self, ask: Ask) -> Result<Answer, String> {
        let id = |job: &str| job.parse::<JobId>().map_err(|e| e.to_string());
        match ask {
            Ask::Look { queue } => return Ok(Answer::Look(Box::new(self.look(queue)))),
            Ask::Detail { job } => {
                let detail = self.watched.detail(id(&job)?);
                return Ok(Answer::Detail(detail.map(Box::new)));
            }
            Ask::Pause { job } => self.watched.pause(id(&job)?),
            Ask::Resume { job } => self.watched.resume(id(&job)?),
            Ask::Cancel { job } => self.watched.cancel(id(&job)?),
            Ask::CancelGroup { group } => self.watched.cancel_group(&group),
            Ask::Change {
                store,
                jobs,
                change,
            } => {
                let watched = self.watched.clone();
                // It waits for the disk.
                let changed = spawn_blocking(move || watched.change(&store, &jobs, change)).await;
                let changed = changed.map_err(|error| error.to_string())?;
                return changed.map(Answer::Changed);
            }
        }
        Ok(Answer::Asked(true))
    }

    fn look(&self, queue: usize) -> Look {
        let mut snapshot = self.watched.look(queue.min(QUEUE_MAX));
        // They are the board's, if anybody's.
        snapshot.changes.clear();
        let uptime_ms = self.began.elapsed().as_millis() as u64;
        Look {
            uptime_ms,
            snapshot,
        }
    }
}

async fn say(writer: &mut (impl AsyncWriteExt + Unpin), said: &impl Serialize) -> io::Result<()> {
    let line = line_of(said)?;
    timeout(TAKE_MAX, writer.write_all(&line)).await?
}
