//! Programs on a pseudo-terminal of their own: what is typed goes in, what is shown comes
//! out and is read as a terminal reads it.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Long enough for any machine.
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// Lines above the screen that are kept.
const SCROLLED_MAX: usize = 10_000;

/// Gives a program a terminal. `rows` and `columns` come first; a NUL, both and a newline
/// on stdin make it another size. It says the exit code at the end, and whether the
/// terminal echoes again.
const SCRIPT: &str = r#"
import fcntl, os, pty, select, struct, sys, termios
def size(rows, columns):
    return struct.pack("HHHH", int(rows), int(columns), 0, 0)
first = size(sys.argv[1], sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, first)
    # The terminal must outlive the program, so that it can be asked afterwards.
    program = os.fork()
    if program == 0:
        os.execvp(sys.argv[3], sys.argv[3:])
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = os.waitpid(program, 0)[1]
    echoes = bool(termios.tcgetattr(0)[3] & termios.ECHO)
    print("left with", os.waitstatus_to_exitcode(status), "echo", echoes, flush=True)
    os._exit(0)
inputs = [0, terminal]
while True:
    for ready in select.select(inputs, [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:
            data = b""
        if ready == terminal and not data:
            os.waitpid(pid, 0)
            sys.exit(0)
        if ready == terminal:
            os.write(1, data)
        elif data.startswith(b"\0"):
            for sides in data[1:].split(b"\0"):
                fcntl.ioctl(terminal, termios.TIOCSWINSZ, size(*sides.split()))
        elif data:
            os.write(terminal, data)
        else:
            inputs.remove(0)
"#;

/// A program on a terminal.
pub(crate) struct Terminal {
    child: Child,
    keys: ChildStdin,
    bytes: Receiver<Vec<u8>>,
    /// Everything that was written to it.
    pub(crate) written: Vec<u8>,
    pub(crate) screen: vt100::Parser,
    /// The screen was another one for a while, as editors have it.
    pub(crate) was_alternate: bool,
}

/// Starts a program on a terminal of this size, with the surroundings of `program`.
pub(crate) fn on_terminal(program: &Command, rows: u16, columns: u16) -> Terminal {
    let mut command = Command::new("python3");
    command.args(["-c", SCRIPT, &rows.to_string(), &columns.to_string()]);
    command.arg(program.get_program()).args(program.get_args());
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    command.env("TERM", "xterm-256color").env_remove("NO_COLOR");
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let (sender, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = out.read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    Terminal {
        keys: child.stdin.take().unwrap(),
        child,
        bytes,
        written: Vec::new(),
        screen: parser(rows, columns),
        was_alternate: false,
    }
}

fn parser(rows: u16, columns: u16) -> vt100::Parser {
    let sides = (rows.try_into().unwrap(), columns.try_into().unwrap());
    vt100::Parser::new(sides.0, sides.1, SCROLLED_MAX)
}

impl Terminal {
    /// Types something.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The number of the program's process: between us and it are the terminal's two.
    pub(crate) fn program(&self) -> u32 {
        let child = |pid: u32| {
            let path = format!("/proc/{pid}/task/{pid}/children");
            let children = std::fs::read_to_string(path).unwrap();
            children.split_whitespace().next().unwrap().parse().unwrap()
        };
        child(child(self.child.id()))
    }

    /// Makes it another size, and reads the screen anew: it is empty until something is
    /// drawn.
    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.press(&format!("\0{rows} {columns}\n"));
        self.screen = parser(rows, columns);
    }

    fn take(&mut self, bytes: &[u8]) {
        self.written.extend_from_slice(bytes);
        self.screen.process(bytes);
        self.was_alternate |= self.screen.screen().alternate_screen();
    }

    /// Reads until the screen is as it should be.
    #[track_caller]
    pub(crate) fn until_it(&mut self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let contents = self.screen.screen().contents();
            if is(&contents) {
                return contents;
            }
            let left = SOON.saturating_sub(began.elapsed());
            let Ok(bytes) = self.bytes.recv_timeout(left) else {
                panic!("no {what:?} in:\n{contents}");
            };
            self.take(&bytes);
        }
    }

    /// Reads until the screen shows something.
    #[track_caller]
    pub(crate) fn until(&mut self, part: &str) -> String {
        self.until_it(part, |contents| contents.contains(part))
    }

    /// Reads to the end: it has left with this code, and the terminal is as it was. What
    /// stands there, and what scrolled off it before, from the top.
    #[track_caller]
    pub(crate) fn left_with(&mut self, code: i32) -> String {
        self.until("echo True");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor());
        self.child.wait().unwrap();
        let text = self.everything();
        let end = format!("left with {code} echo True");
        assert!(text.trim_end().ends_with(&end), "not {code}:\n{text}");
        text.trim_end().trim_end_matches(&end).to_owned()
    }

    /// What stands on it and what scrolled off.
    fn everything(&mut self) -> String {
        let screen = self.screen.screen_mut();
        let (rows, _) = screen.size();
        let mut lines = Vec::new();
        screen.set_scrollback(usize::MAX);
        let mut above = screen.scrollback();
        while above > 0 {
            screen.set_scrollback(above);
            let page = screen.contents();
            let fresh = above.min(usize::from(rows.get()));
            lines.extend(page.split('\n').take(fresh).map(str::to_owned));
            above -= fresh;
        }
        screen.set_scrollback(0);
        lines.push(screen.contents());
        lines.join("\n")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What runs on it is told that it is gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
