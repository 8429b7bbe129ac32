//! The command line on a terminal, with its board and without: the same run, as a process
//! whose stderr is a pseudo-terminal that is read all the time.

use crate::guests::Guests;
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs `jobs` jobs; how long the process took, its start included.
pub(crate) fn run(guests: &Guests, board: &str, jobs: u64) -> Result<Duration, Box<dyn Error>> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname(&master, Vec::new())?;
    let terminal = open(
        name.as_c_str(),
        OFlags::RDWR | OFlags::NOCTTY,
        Mode::empty(),
    )?;
    let mut screen = File::from(master);
    let reader = std::thread::spawn(move || {
        let (mut buffer, mut bytes) = (vec![0; 1 << 16], 0_u64);
        // Reading from a terminal that nobody has open any more is an error, not an end.
        while let Ok(read @ 1..) = screen.read(&mut buffer) {
            bytes += read as u64;
        }
        bytes
    });
    let began = Instant::now();
    let status = program()?
        .args(["run", "--board", board, "--producer"])
        .arg(guests.producer())
        .args(["--set", &format!("count_to.n={jobs}")])
        .args(["--set", "count_to.worker=\"double\"", "--worker"])
        .arg(guests.worker())
        .arg("--consumer")
        .arg(guests.consumer())
        .env("TERM", "xterm-256color")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::from(terminal))
        .status()?;
    let elapsed = began.elapsed();
    let bytes = reader.join().unwrap_or_default();
    if !status.success() {
        return Err(format!("the command ended with {status}").into());
    }
    if board == "tty" && bytes < 500 {
        return Err(format!("there was no board: {bytes} bytes were written").into());
    }
    Ok(elapsed)
}

/// The command line that was built with us; it hears nothing of our own variables, which it would
/// warn of.
pub(crate) fn program() -> Result<Command, Box<dyn Error>> {
    let program = std::env::current_exe()?.with_file_name("wodehost");
    if !program.exists() {
        return Err(format!("{} is not built", program.display()).into());
    }
    let mut command = Command::new(program);
    for ours in ["WODEHOST_GUESTS", "WODEHOST_PEERS"] {
        command.env_remove(ours);
    }
    Ok(command)
}
