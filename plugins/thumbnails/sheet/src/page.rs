//! The contact sheet as one page of HTML: from entries to text, nothing else.
//!
//! The page needs no script and no other file but the thumbnails. Every text
//! that comes from a job is escaped, for names and messages are data.

use std::fmt::{self, Write};

use crate::entry::{End, Entry, Picture};

/// The folder of the thumbnails, seen from the page.
pub(crate) const THUMBS: &str = "thumbs";

const STYLE: &str = include_str!("page.css");

/// Writes the page; the cards stand in the order of `entries`.
pub(crate) fn render(title: &str, entries: &[Entry]) -> Result<String, fmt::Error> {
    let mut page = String::new();
    let title = Escaped(title);
    write!(
        page,
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n\
         <style>\n{STYLE}</style>\n\
         </head>\n\
         <body>\n\
         <header>\n\
         <h1>{title}</h1>\n\
         <p>{}</p>\n\
         </header>\n\
         <main>\n",
        Escaped(&counts(entries))
    )?;
    for entry in entries {
        card(&mut page, entry)?;
    }
    page.push_str("</main>\n</body>\n</html>\n");
    Ok(page)
}

/// `195 thumbnails, 5 failed`.
pub(crate) fn counts(entries: &[Entry]) -> String {
    let failed = entries
        .iter()
        .filter(|entry| matches!(entry.end, End::Failed { .. }))
        .count();
    let done = match entries.len() - failed {
        1 => "1 thumbnail".to_owned(),
        done => format!("{done} thumbnails"),
    };
    match failed {
        0 => done,
        failed => format!("{done}, {failed} failed"),
    }
}

fn card(page: &mut String, entry: &Entry) -> fmt::Result {
    let name = Escaped(&entry.name);
    let class = match entry.end {
        End::Done(_) => "done",
        End::Failed { .. } => "failed",
    };
    writeln!(page, "<figure class=\"{class}\">")?;
    match &entry.end {
        End::Done(picture) => image(page, &entry.name, picture)?,
        End::Failed { .. } => {
            page.push_str("<div class=\"frame\"><span>no thumbnail</span></div>\n");
        }
    }
    writeln!(page, "<figcaption>\n<b>{name}</b>")?;
    match &entry.end {
        End::Done(picture) => {
            write!(page, "<small>{} × {}", picture.width, picture.height)?;
            write!(page, " · {}", Escaped(&picture.format))?;
            if let Some(bytes) = entry.file_bytes {
                write!(page, " · {}", size_in_words(bytes))?;
            }
            page.push_str("</small>\n");
        }
        End::Failed { reason, message } => {
            // `not-an-image` is for programs.
            let reason = reason.replace('-', " ");
            let (reason, message) = (Escaped(&reason), Escaped(message));
            writeln!(page, "<i>{reason}</i>\n<small>{message}</small>")?;
        }
    }
    page.push_str("</figcaption>\n</figure>\n");
    Ok(())
}

fn image(page: &mut String, name: &str, picture: &Picture) -> fmt::Result {
    writeln!(
        page,
        "<div class=\"frame\"><img src=\"{THUMBS}/{}\" alt=\"{}\" width=\"{}\" height=\"{}\" loading=\"lazy\"></div>",
        Escaped(&picture.file),
        Escaped(name),
        picture.thumb_width,
        picture.thumb_height,
    )
}

/// `46.4 KiB`.
fn size_in_words(bytes: u64) -> String {
    const KIB: f64 = 1024.0;
    let exact = bytes as f64;
    if exact < KIB {
        format!("{bytes} bytes")
    } else if exact < KIB * KIB {
        format!("{:.1} KiB", exact / KIB)
    } else {
        format!("{:.1} MiB", exact / KIB / KIB)
    }
}

/// Text that is safe between tags and inside quoted attributes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(' ')?,
                c if hides(c) => f.write_char(char::REPLACEMENT_CHARACTER)?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Control characters, which HTML has no way to write, and those that turn the
/// direction of what follows, so that `gnp.exe` reads `exe.png`.
fn hides(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(name: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            file_bytes: Some(47_499),
            end: End::Done(Picture {
                file: "coffee-jpg-0123456789abcdef.jpg".to_owned(),
                format: "JPEG".to_owned(),
                width: 600,
                height: 400,
                thumb_width: 160,
                thumb_height: 107,
            }),
        }
    }

    fn failed(name: &str, message: &str) -> Entry {
        Entry {
            name: name.to_owned(),
            file_bytes: None,
            end: End::Failed {
                reason: "not-an-image".to_owned(),
                message: message.to_owned(),
            },
        }
    }

    #[test]
    fn a_page_holds_a_card_for_each_entry() {
        let page = render("Samples", &[done("coffee.jpg"), failed("x.png", "text")]).unwrap();
        let body = page.split("</style>\n").nth(1).unwrap();
        assert_eq!(
            body,
            r#"</head>
<body>
<header>
<h1>Samples</h1>
<p>1 thumbnail, 1 failed</p>
</header>
<main>
<figure class="done">
<div class="frame"><img src="thumbs/coffee-jpg-0123456789abcdef.jpg" alt="coffee.jpg" width="160" height="107" loading="lazy"></div>
<figcaption>
<b>coffee.jpg</b>
<small>600 × 400 · JPEG · 46.4 KiB</small>
</figcaption>
</figure>
<figure class="failed">
<div class="frame"><span>no thumbnail</span></div>
<figcaption>
<b>x.png</b>
<i>not an image</i>
<small>text</small>
</figcaption>
</figure>
</main>
</body>
</html>
"#
        );
    }

    #[test]
    fn text_from_jobs_cannot_leave_its_place() {
        let evil = "\"><script>alert('1')</script>&\u{1b}[31m\u{202e}";
        let escaped =
            "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;\u{fffd}[31m\u{fffd}";
        let mut thumb = done(evil);
        if let End::Done(picture) = &mut thumb.end {
            picture.format = evil.to_owned();
            picture.file = evil.to_owned();
        }
        let mut problem = failed(evil, evil);
        if let End::Failed { reason, .. } = &mut problem.end {
            *reason = evil.to_owned();
        }
        let page = render(evil, &[thumb, problem]).unwrap();
        assert!(!page.contains("<script"));
        assert!(!page.contains('\u{1b}'));
        // Title twice; alt, file, name, format; name, reason, message.
        assert_eq!(page.matches(escaped).count(), 9);
    }

    #[test]
    fn counts_are_words() {
        assert_eq!(counts(&[]), "0 thumbnails");
        assert_eq!(counts(&[done("a")]), "1 thumbnail");
        let two = [done("a"), done("b"), failed("c", "")];
        assert_eq!(counts(&two), "2 thumbnails, 1 failed");
    }
}
