//! What the sheet knows of one picture.

use serde::{Deserialize, Serialize};
use wodehost_guest::{ByteBuf, Outcome};

use crate::file_name::file_name;

/// What of the job is read; the picture's bytes are passed over.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    /// The path below the listed folder.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) file_bytes: Option<u64>,
}

/// One card of the sheet, and one line of the journal.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) file_bytes: Option<u64>,
    pub(crate) end: End,
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    /// There is a thumbnail.
    Done(Picture),
    /// There is none.
    Failed {
        /// The worker's code, or the host's reason.
        reason: String,
        /// The sentence for people.
        message: String,
    },
}

/// A picture and the file that its thumbnail is in.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Picture {
    /// In the folder of thumbnails.
    pub(crate) file: String,
    pub(crate) format: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) thumb_width: u32,
    pub(crate) thumb_height: u32,
}

/// What the worker returns.
#[derive(Debug, Deserialize)]
struct Thumbnail {
    width: u32,
    height: u32,
    format: String,
    thumb: ByteBuf,
    thumb_width: u32,
    thumb_height: u32,
}

/// What the worker says when it fails.
#[derive(Debug, Deserialize)]
struct Report {
    #[serde(default)]
    code: Option<String>,
    message: String,
}

impl Entry {
    /// The entry for an outcome, and the bytes to write when there are any.
    pub(crate) fn new(job: Job, outcome: &Outcome) -> (Self, Option<Vec<u8>>) {
        let (end, bytes) = if outcome.is_success() {
            let made = outcome
                .data()
                .map_err(|problem| problem.message().to_owned())
                .and_then(|thumbnail| accept(&job.name, thumbnail));
            match made {
                Ok((picture, bytes)) => (End::Done(picture), Some(bytes)),
                Err(message) => (failed("bad-result", message), None),
            }
        } else {
            // The data of other ends is not the worker's last word.
            let spoke = matches!(outcome.reason.as_str(), "declared" | "error");
            let report = outcome.data().ok().filter(|_| spoke).unwrap_or(Report {
                code: None,
                message: outcome.message.clone().unwrap_or_default(),
            });
            (explain(&job.name, &outcome.reason, report), None)
        };
        let entry = Self {
            name: job.name,
            file_bytes: job.file_bytes,
            end,
        };
        (entry, bytes)
    }

    /// The same, for a thumbnail that could not be written.
    pub(crate) fn unwritten(self, error: &std::io::Error) -> Self {
        let message = format!("the thumbnail cannot be written: {error}");
        Self {
            end: failed("not-written", message),
            ..self
        }
    }
}

fn failed(reason: impl Into<String>, message: impl Into<String>) -> End {
    End::Failed {
        reason: reason.into(),
        message: message.into(),
    }
}

/// The worker is not trusted: what is written must at least begin as a picture
/// does.
fn accept(name: &str, thumbnail: Thumbnail) -> Result<(Picture, Vec<u8>), String> {
    let bytes = thumbnail.thumb.into_vec();
    let extension = match bytes.as_slice() {
        [0xFF, 0xD8, 0xFF, ..] => "jpg",
        [0x89, b'P', b'N', b'G', ..] => "png",
        _ => return Err("the worker's thumbnail is neither JPEG nor PNG".to_owned()),
    };
    let picture = Picture {
        file: file_name(name, extension),
        format: thumbnail.format,
        width: thumbnail.width,
        height: thumbnail.height,
        thumb_width: thumbnail.thumb_width,
        thumb_height: thumbnail.thumb_height,
    };
    Ok((picture, bytes))
}

/// The code where there is one, otherwise the host's reason; and the sentence.
fn explain(name: &str, reason: &str, report: Report) -> End {
    let reason = report.code.unwrap_or_else(|| reason.to_owned());
    // The name stands on the card already.
    let message = report
        .message
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix(": "))
        .unwrap_or(&report.message);
    failed(reason, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thumbnail(bytes: &[u8]) -> Thumbnail {
        Thumbnail {
            width: 600,
            height: 400,
            format: "JPEG".to_owned(),
            thumb: ByteBuf::from(bytes),
            thumb_width: 160,
            thumb_height: 107,
        }
    }

    #[test]
    fn the_file_is_named_after_what_the_bytes_are() {
        let extension = |bytes| {
            let (picture, _) = accept("a.webp", thumbnail(bytes))?;
            Ok::<_, String>(picture.file.rsplit('.').next().map(str::to_owned))
        };
        assert_eq!(extension(b"\xff\xd8\xff\xe0"), Ok(Some("jpg".to_owned())));
        assert_eq!(extension(b"\x89PNG\r\n"), Ok(Some("png".to_owned())));
        assert!(extension(b"<html>").is_err());
        assert!(extension(b"").is_err());
    }

    #[test]
    fn the_workers_code_goes_before_the_hosts_reason() {
        let report = |code: Option<&str>, message: &str| Report {
            code: code.map(str::to_owned),
            message: message.to_owned(),
        };
        assert_eq!(
            explain(
                "a.png",
                "declared",
                report(Some("truncated"), "a.png: half of it")
            ),
            failed("truncated", "half of it")
        );
        assert_eq!(
            explain("a.png", "silent", report(None, "no sign of life for 5 s")),
            failed("silent", "no sign of life for 5 s")
        );
    }
}
