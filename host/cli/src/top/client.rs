//! The side of `top`: finds the commands that run, and asks one of them.

use super::folder::{self, Place};
use super::protocol::{ANSWER_BYTES_MAX, Answer, Ask, Hello, Look, PROTOCOL};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;
use wodehost::HostId;
use wodehost::store::{Change, Changed};

/// How long a command may take to say hello: one that stands still never does.
const HELLO_MAX: Duration = Duration::from_secs(2);

/// How long it may take for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// The longest hello.
const HELLO_BYTES_MAX: usize = 4 << 10;

/// A command that runs and that we speak to.
#[derive(Debug)]
pub(crate) struct Link {
    place: Place,
    hello: Hello,
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Link {
    /// Speaks to a command. The socket of one that is dead is removed.
    pub(crate) async fn to(place: &Place) -> io::Result<Link> {
        let stream = match timeout(HELLO_MAX, UnixStream::connect(&place.path)).await? {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                let _ = std::fs::remove_file(&place.path);
                return Err(error);
            }
            stream => stream?,
        };
        let peer = stream.peer_cred()?.uid();
        if peer != folder::our_uid() {
            return Err(wrong("it belongs to somebody else"));
        }
        let (reader, writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let line = timeout(HELLO_MAX, line(&mut reader, HELLO_BYTES_MAX)).await??;
        if let Ok(Answer::Error(said)) = serde_json::from_slice(&line) {
            return Err(wrong(&said));
        }
        let hello: Hello = serde_json::from_slice(&line)?;
        if hello.protocol != PROTOCOL {
            return Err(wrong(&format!(
                "it is of version {}, which speaks another language",
                hello.version
            )));
        }
        Ok(Link {
            place: place.clone(),
            hello,
            reader,
            writer,
        })
    }

    /// What it said first.
    pub(crate) fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Where it is.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn ask(&mut self, ask: &Ask) -> io::Result<Answer> {
        let mut question = serde_json::to_vec(ask)?;
        question.push(b'\n');
        let answered = async {
            self.writer.write_all(&question).await?;
            line(&mut self.reader, ANSWER_BYTES_MAX).await
        };
        let answer = timeout(ANSWER_MAX, answered).await??;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// What is going on, with the first of the jobs that wait.
    pub(crate) async fn look(&mut self, queue: usize) -> io::Result<Look> {
        match self.ask(&Ask::Look { queue }).await? {
            Answer::Look(look) => Ok(*look),
            Answer::Error(said) => Err(wrong(&said)),
            Answer::Detail(_) | Answer::Asked(_) | Answer::Changed(_) => Err(something_else()),
        }
    }

    /// Has something done to recorded jobs; what came of each.
    pub(crate) async fn change(
        &mut self,
        store: HostId,
        jobs: &[u64],
        change: Change,
    ) -> io::Result<Vec<Changed>> {
        let ask = Ask::Change {
            store: store.to_string(),
            jobs: jobs.to_vec(),
            change,
        };
        match self.ask(&ask).await? {
            Answer::Changed(changed) if changed.len() == jobs.len() => Ok(changed),
            Answer::Error(said) => Err(wrong(&said)),
            Answer::Changed(_) | Answer::Detail(_) | Answer::Asked(_) | Answer::Look(_) => {
                Err(something_else())
            }
        }
    }
}

fn something_else() -> io::Error {
    wrong("it answered something else")
}

fn wrong(said: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, said)
}

/// A whole line; its end is an error of its own.
async fn line(
    reader: &mut (impl AsyncBufReadExt + Unpin),
    bytes_max: usize,
) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut bounded = reader.take(bytes_max as u64);
    bounded.read_until(b'\n', &mut line).await?;
    if line.last() == Some(&b'\n') {
        return Ok(line);
    }
    if line.len() >= bytes_max {
        return Err(wrong("it says too much at once"));
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// Commands that run, and those that do not say hello, with the reason.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    /// Those that answer, by process.
    pub(crate) links: Vec<Link>,
    /// Those that do not.
    pub(crate) silent: Vec<(Place, io::Error)>,
}

/// Speaks to every one of these places that a word fits: a process, or a command.
pub(crate) async fn find(places: Vec<Place>, wanted: Option<&str>) -> Runs {
    let mut runs = Runs::default();
    for place in places {
        let pid = place.pid.to_string();
        if wanted.is_some_and(|wanted| wanted != pid && wanted != place.command) {
            continue;
        }
        match Link::to(&place).await {
            Ok(link) => runs.links.push(link),
            Err(error) if has_gone(&error) => (),
            Err(error) => runs.silent.push((place, error)),
        }
    }
    runs
}

/// Whether nobody is there any more.
pub(crate) fn has_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionRefused | ConnectionReset | NotFound | UnexpectedEof
    )
}
