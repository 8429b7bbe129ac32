//! A worker that scales one picture to a thumbnail.
//!
//! Decoders of images are large, old in spirit and fed with what strangers
//! send: exactly what one wants in a sandbox. This plugin is granted nothing,
//! no file and no network; bytes come in with the job and go out with the
//! result, and whatever a hostile picture does to a decoder ends with the
//! attempt.
//!
//! It owns the decision what a picture is worth: recognised by content, whole,
//! within memory. Where files come from and go to is the business of
//! `thumbnails-list` and `thumbnails-sheet`.

mod decode;
mod jpeg;
mod problem;
mod reduce;
#[cfg(test)]
mod samples;
mod sniff;
mod thumbnail;

use serde::{Deserialize, Serialize};
use wodehost_guest::{ByteBuf, Failure, host, task, worker};

use crate::problem::Problem;

/// What the lister sends. Borrowed from the job's value: a picture may be large,
/// and a copy would count against the memory of the decoder.
#[derive(Debug, Deserialize)]
struct Job<'a> {
    /// The file's path below the listed folder, for messages only.
    name: &'a str,
    /// The longest side of the thumbnail, in pixels.
    size: u32,
    /// The file itself; nil when the lister could not read it.
    #[serde(default, borrow)]
    bytes: Option<&'a [u8]>,
    /// Why there are no bytes.
    #[serde(default)]
    problem: Option<String>,
}

/// What the sheet gets.
#[derive(Debug, Serialize)]
struct Thumbnail {
    /// The picture's size as it is looked at, in pixels.
    width: u32,
    height: u32,
    /// `PNG`, `JPEG`, `GIF` or `WebP`: what the file is, whatever its name.
    format: &'static str,
    /// A JPEG, or a PNG where something shines through.
    thumb: ByteBuf,
    thumb_width: u32,
    thumb_height: u32,
}

/// `[plugins.scale.config]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// What file, pixels and decoder may take together. The default leaves room
    /// in a sandbox of 128 MiB for what a program needs anyway.
    memory_mib: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { memory_mib: 112 }
    }
}

#[worker]
fn scale(job: Job<'_>) -> Result<Thumbnail, Failure> {
    let config: Config = host::config()?;
    match attempt(&job, config.memory_mib.saturating_mul(1 << 20)) {
        Ok(thumbnail) => Ok(thumbnail),
        // Declared as final: the same job has the same bytes the next time.
        Err(problem) => task::failure(Some(&Failure::code(
            problem.code(),
            format_args!("{}: {problem}", job.name),
        ))),
    }
}

fn attempt(job: &Job<'_>, limit_bytes: u64) -> Result<Thumbnail, Problem> {
    let Some(bytes) = job.bytes else {
        let why = job.problem.as_deref().unwrap_or("the job has no bytes");
        return Err(Problem::Unreadable(why.to_owned()));
    };
    let picture = decode::decode(bytes, job.size, limit_bytes)?;
    // Decoding is behind us and was the larger part: a true sign of life.
    task::keepalive();
    let format = picture.format;
    let made = thumbnail::make(picture, job.size)?;
    Ok(Thumbnail {
        width: made.width,
        height: made.height,
        format,
        thumb: ByteBuf::from(made.bytes),
        thumb_width: made.thumb_width,
        thumb_height: made.thumb_height,
    })
}
