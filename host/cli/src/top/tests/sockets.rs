//! The protocol over real sockets, with a made-up host.

use crate::top::Watched;
use crate::top::client::{Link, find, has_gone};
use crate::top::folder::{our_uid, places};
use crate::top::protocol::{Answer, Ask};
use crate::top::server::Server;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixListener as StdListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;
use wodehost::JobId;
use wodehost::board::{Detail, LineChange, LineNow, RowId, Said, Snapshot, Standing};
use wodehost::store::{Change, Changed};

/// Long enough for any machine.
const SOON: Duration = Duration::from_secs(30);

/// A host that notes what is asked of it.
#[derive(Default)]
struct Made {
    asked: Mutex<Vec<String>>,
    /// Letters that its one line says.
    letters: usize,
}

impl Made {
    fn note(&self, what: &str, about: &dyn std::fmt::Display) {
        self.asked
            .lock()
            .expect("noted")
            .push(format!("{what} {about}"));
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("noted").clone()
    }
}

fn line(text: String) -> LineNow {
    LineNow {
        slot: Some(1),
        job: "k3f9ax-17".to_owned(),
        worker: "scale".to_owned(),
        attempt: 1,
        running_ms: 1500,
        standing: Standing::Running,
        depth: 0,
        group: None,
        said: Said {
            text,
            ..Said::default()
        },
    }
}

impl Watched for Made {
    fn look(&self, queued_max: usize) -> Snapshot {
        self.note("look", &queued_max);
        let change = wodehost::board::Change {
            job: String::new(),
            worker: String::new(),
            attempt: 0,
            said: Said::default(),
            is_last: false,
        };
        Snapshot {
            host: "made".to_owned(),
            slots: 4,
            lines: vec![line("x".repeat(self.letters))],
            changes: vec![LineChange {
                row: RowId::Slot(1),
                change,
                left_out: 0,
            }],
            ..Snapshot::default()
        }
    }

    fn detail(&self, job: JobId) -> Option<Detail> {
        self.note("detail", &job);
        (job.to_string() == "k3f9ax-17").then(|| Detail {
            line: line(String::new()),
            retries_left: Some(2),
            used: Vec::new(),
            log: Vec::new(),
            stdout: "out".to_owned(),
            stderr: String::new(),
            state: "{}".to_owned(),
        })
    }

    fn pause(&self, job: JobId) {
        self.note("pause", &job);
    }

    fn resume(&self, job: JobId) {
        self.note("resume", &job);
    }

    fn cancel(&self, job: JobId) {
        self.note("cancel", &job);
    }

    fn change(&self, store: &str, jobs: &[u64], change: Change) -> Result<Vec<Changed>, String> {
        self.note("change", &format!("{store} {jobs:?} {change:?}"));
        match store {
            "k3f9ax" => Ok(vec![Changed::Done; jobs.len()]),
            _ => Err("it has another store".to_owned()),
        }
    }

    fn cancel_group(&self, group: &str) {
        self.note("cancel-group", &group);
    }
}

/// A server in a folder of its own.
struct Served {
    server: Server,
    host: Arc<Made>,
    above: TempDir,
}

fn serve_saying(letters: usize) -> Served {
    let above = tempfile::tempdir().expect("a folder");
    let host = Arc::new(Made {
        letters,
        ..Made::default()
    });
    let folder = above.path().join("wodehost");
    let server = Server::start_in(&folder, "map", host.clone()).expect("it listens");
    Served {
        server,
        host,
        above,
    }
}

fn serve() -> Served {
    serve_saying(3)
}

impl Served {
    async fn link(&self) -> Link {
        let folder = self.above.path().join("wodehost");
        let mut runs = find(places(&[folder], our_uid()), None).await;
        assert_eq!(runs.links.len(), 1, "{runs:?}");
        runs.links.remove(0)
    }

    /// A connection that said nothing yet.
    async fn raw(&self) -> BufReader<UnixStream> {
        let stream = UnixStream::connect(self.server.path()).await;
        BufReader::new(stream.expect("connected"))
    }
}

async fn read(stream: &mut BufReader<UnixStream>) -> String {
    let mut line = String::new();
    let read = timeout(SOON, stream.read_line(&mut line)).await;
    read.expect("soon").expect("read");
    line
}

async fn write(stream: &mut BufReader<UnixStream>, bytes: &[u8]) {
    stream.get_mut().write_all(bytes).await.expect("written");
}

#[tokio::test]
async fn recorded_jobs_are_changed_where_it_is_the_right_store() {
    let served = serve();
    let mut link = served.link().await;
    let host = |id: &str| id.parse().expect("an id");
    let changed = link.change(host("k3f9ax"), &[1, 7], Change::Drop).await;
    assert_eq!(changed.expect("answered"), [Changed::Done; 2]);
    let refused = link.change(host("aaaaaa"), &[1], Change::Cancel).await;
    let refused = refused.expect_err("another store").to_string();
    assert_eq!(refused, "it has another store");
    assert_eq!(
        served.host.asked(),
        ["change k3f9ax [1, 7] Drop", "change aaaaaa [1] Cancel"]
    );
}

#[tokio::test]
async fn a_run_is_looked_at_and_steered() {
    let served = serve();
    let mut link = served.link().await;
    assert_eq!(link.hello().command, "map");
    assert_eq!(link.hello().pid, std::process::id());
    let look = link.look(200).await.expect("a look");
    assert_eq!(look.snapshot.lines[0].said.text, "xxx");
    // They are the board's.
    assert_eq!(look.snapshot.changes, []);
    let job = || "k3f9ax-17".to_owned();
    let detail = link.ask(&Ask::Detail { job: job() }).await.expect("told");
    assert!(matches!(detail, Answer::Detail(Some(d)) if d.stdout == "out"));
    let other = "k3f9ax-18".to_owned();
    let detail = link.ask(&Ask::Detail { job: other }).await.expect("told");
    assert_eq!(detail, Answer::Detail(None));
    let group = "nightly".to_owned();
    for ask in [
        Ask::Pause { job: job() },
        Ask::Resume { job: job() },
        Ask::Cancel { job: job() },
        Ask::CancelGroup { group },
    ] {
        let answer = link.ask(&ask).await.expect("answered");
        assert_eq!(answer, Answer::Asked(true));
    }
    assert_eq!(
        served.host.asked(),
        [
            "look 200",
            "detail k3f9ax-17",
            "detail k3f9ax-18",
            "pause k3f9ax-17",
            "resume k3f9ax-17",
            "cancel k3f9ax-17",
            "cancel-group nightly"
        ]
    );
}

#[tokio::test]
async fn no_look_has_more_of_the_queue_than_there_may_be() {
    let served = serve();
    let mut link = served.link().await;
    link.look(usize::MAX).await.expect("a look");
    assert_eq!(served.host.asked(), ["look 1000"]);
}

#[tokio::test]
async fn what_is_no_question_gets_an_error_and_the_next_one_an_answer() {
    let served = serve();
    let mut stream = served.raw().await;
    assert!(read(&mut stream).await.starts_with(r#"{"wodehost-top":1,"#));
    for garbage in [
        &b"\n"[..],
        b"{}\n",
        b"\xff\xfe\0\n",
        b"[[[[[[[[[\n",
        b"{\"ask\":\"look\",\"queue\":-1}\n",
        b"{\"ask\":\"cancel\",\"job\":\"../../etc\"}\n",
    ] {
        write(&mut stream, garbage).await;
        let line = read(&mut stream).await;
        assert!(line.starts_with(r#"{"error":""#), "{line}");
    }
    assert_eq!(served.host.asked(), [""; 0]);
    write(&mut stream, b"{\"ask\":\"look\",\"queue\":0}\n").await;
    assert!(read(&mut stream).await.starts_with(r#"{"look":{"#));
}

#[tokio::test]
async fn a_question_without_end_ends_the_connection() {
    let served = serve();
    let mut stream = served.raw().await;
    read(&mut stream).await;
    // The server may hang up before all of it is written.
    let _ = stream.get_mut().write_all(&vec![b'a'; 1 << 20]).await;
    let mut rest = Vec::new();
    let _ = timeout(SOON, stream.read_to_end(&mut rest))
        .await
        .expect("soon");
    assert!(rest.len() < 200, "{}", rest.len());
    // Others are not concerned.
    served.link().await.look(0).await.expect("a look");
}

#[tokio::test]
async fn one_that_never_reads_holds_up_nobody_and_is_dropped() {
    let served = serve_saying(8 << 20);
    let mut stuck = served.raw().await;
    write(&mut stuck, b"{\"ask\":\"look\",\"queue\":0}\n").await;
    let mut link = served.link().await;
    for _ in 0..3 {
        link.look(0).await.expect("a look");
    }
    // The half of the answer that fits is all that ever comes.
    let dropped = async {
        while stuck.get_mut().write_all(b"\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, dropped).await.expect("dropped");
}

#[tokio::test]
async fn two_look_at_once_and_a_ninth_is_told_that_there_are_eight() {
    let served = serve();
    let mut first = served.link().await;
    let mut second = served.link().await;
    first.look(1).await.expect("a look");
    second.look(2).await.expect("a look");
    let mut others = Vec::new();
    for _ in 0..6 {
        others.push(served.link().await);
    }
    let mut ninth = served.raw().await;
    let line = read(&mut ninth).await;
    assert_eq!(line, "{\"error\":\"8 others are looking already\"}\n");
    // A place that is free again can be had.
    drop(others);
    let free = async {
        while !read(&mut served.raw().await).await.contains("wodehost-top") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, free).await.expect("free");
}

#[tokio::test]
async fn folder_and_socket_are_ours_alone_and_the_socket_goes_with_the_run() {
    let served = serve();
    let path = served.server.path().to_owned();
    let name = format!("{}-map.sock", std::process::id());
    assert_eq!(path.file_name().and_then(|n| n.to_str()), Some(&*name));
    let mode = |path: &Path| path.metadata().expect("there").mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    let folder = path.parent().expect("a folder").to_owned();
    assert_eq!(mode(&folder), 0o700);
    let mut link = served.link().await;
    let Served { server, above, .. } = served;
    drop(server);
    let left: Vec<_> = folder.read_dir().expect("read").collect();
    assert!(left.is_empty(), "{left:?}");
    // Whoever looks is told at once that it is over.
    let error = timeout(SOON, link.look(0)).await.expect("soon");
    let error = error.expect_err("over");
    assert!(has_gone(&error), "{error}");
    drop(above);
}

#[tokio::test]
async fn the_socket_of_a_dead_process_is_removed_by_who_finds_it() {
    let served = serve();
    let folder = served.above.path().join("wodehost");
    let dead = folder.join("1-run.sock");
    // A listener that is gone leaves its file.
    drop(StdListener::bind(&dead).expect("bound"));
    assert!(dead.exists());
    served.link().await;
    assert!(!dead.exists());
    assert!(served.server.path().exists());
}

#[tokio::test]
async fn what_a_dead_process_left_under_our_name_is_replaced() {
    let above = tempfile::tempdir().expect("a folder");
    let folder = above.path().join("wodehost");
    crate::top::folder::make(&folder, our_uid()).expect("made");
    let name = crate::top::folder::name(std::process::id(), "map");
    drop(StdListener::bind(folder.join(&name)).expect("bound"));
    drop(StdListener::bind(folder.join(format!(".{name}"))).expect("bound"));
    let first = Server::start_in(&folder, "map", Arc::<Made>::default()).expect("it listens");
    // One that lives keeps its name.
    let second = Server::start_in(&folder, "map", Arc::<Made>::default());
    assert!(second.is_err());
    assert!(first.path().exists());
    assert_eq!(folder.read_dir().expect("read").count(), 1);
}

#[tokio::test]
async fn a_folder_that_is_not_ours_is_not_used() {
    let above = tempfile::tempdir().expect("a folder");
    let real = above.path().join("real");
    crate::top::folder::make(&real, our_uid()).expect("made");
    let link = above.path().join("link");
    symlink(&real, &link).expect("linked");
    let refused = Server::start_in(&link, "map", Arc::<Made>::default());
    assert!(refused.is_err());
    assert_eq!(real.read_dir().expect("read").count(), 0);
    // Nor is it looked into.
    let _server = Server::start_in(&real, "map", Arc::<Made>::default()).expect("it listens");
    assert_eq!(places(&[link], our_uid()), []);
    assert_eq!(places(std::slice::from_ref(&real), our_uid()).len(), 1);
    assert_eq!(places(&[real], our_uid() + 1), []);
}
