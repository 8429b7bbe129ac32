//! Writes bytes to stdout and as many to stderr, 79 a line. Job: how many.
//! Result: `{"stdout", "stderr"}`, the bytes that were taken.

use std::io::{Write, stderr, stdout};

use serde::Serialize;

const LINE: [u8; 80] = {
    let mut line = [b'x'; 80];
    line[79] = b'\n';
    line
};

#[derive(Serialize)]
struct Taken {
    stdout: usize,
    stderr: usize,
}

#[wodehost_guest::worker]
fn stdout_flood(bytes: usize) -> Taken {
    Taken {
        stdout: flood(&mut stdout(), bytes),
        stderr: flood(&mut stderr(), bytes),
    }
}

fn flood(to: &mut dyn Write, bytes: usize) -> usize {
    let mut written = 0;
    while written < bytes {
        let part = &LINE[..LINE.len().min(bytes - written)];
        if to.write_all(part).and_then(|()| to.flush()).is_err() {
            break;
        }
        written += part.len();
    }
    written
}
