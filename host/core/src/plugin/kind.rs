//! What a file is, by its bytes, before anything is compiled.

/// What a file that was offered as a plugin turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A WebAssembly component; the only kind that is loaded.
    Component,
    /// A WebAssembly core module.
    CoreModule,
    /// Precompiled code; never loaded, whoever made it.
    Precompiled,
    /// Nothing in it.
    Empty,
    /// Compressed with gzip.
    Gzip,
    /// The text format of WebAssembly.
    Wat,
    /// Some other text.
    Text,
    /// Begins like WebAssembly but ends too early or has an unknown version.
    DamagedHeader,
    /// Anything else.
    Unknown,
}

impl FileKind {
    /// Recognises a file by how it begins.
    #[must_use]
    pub fn of(bytes: &[u8]) -> FileKind {
        match bytes {
            [] => FileKind::Empty,
            // Magic, version and layer, from the component model's binary format.
            [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => FileKind::Component,
            [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => FileKind::CoreModule,
            [0, b'a', b's', b'm', ..] => FileKind::DamagedHeader,
            [0x7f, b'E', b'L', b'F', ..] => FileKind::Precompiled,
            [0x1f, 0x8b, ..] => FileKind::Gzip,
            _ => Self::of_text(bytes),
        }
    }

    fn of_text(bytes: &[u8]) -> FileKind {
        let head = &bytes[..bytes.len().min(1024)];
        let Ok(text) = std::str::from_utf8(head) else {
            return FileKind::Unknown;
        };
        let text = text.trim_start();
        if text.starts_with("(module") || text.starts_with("(component") {
            FileKind::Wat
        } else if head.contains(&0) {
            FileKind::Unknown
        } else {
            FileKind::Text
        }
    }

    /// What it is, in words that fit after "this is".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            FileKind::Component => "a WebAssembly component",
            FileKind::CoreModule => "a WebAssembly core module, not a component",
            FileKind::Precompiled => "precompiled code, which is never loaded from outside",
            FileKind::Empty => "an empty file",
            FileKind::Gzip => "a gzip file",
            FileKind::Wat => "WebAssembly text, not a binary",
            FileKind::Text => "a text file",
            FileKind::DamagedHeader => "a WebAssembly file with a damaged header",
            FileKind::Unknown => "no WebAssembly file",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            FileKind::CoreModule => {
                "build for `wasm32-wasip2`, or wrap the module with `wasm-tools component new`"
            }
            FileKind::Precompiled => {
                "give the `.wasm` component itself; it is compiled once and kept in the cache"
            }
            FileKind::Gzip => "unpack it first",
            FileKind::Wat => "assemble it first, for example with `wasm-tools parse`",
            FileKind::DamagedHeader | FileKind::Empty => "build or copy the file again",
            FileKind::Component | FileKind::Text | FileKind::Unknown => {
                "a plugin is a WebAssembly component, usually a file that ends in `.wasm`"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_first_bytes() {
        let table: &[(&[u8], FileKind)] = &[
            (b"", FileKind::Empty),
            (b"\0asm\x0d\0\x01\0rest", FileKind::Component),
            (b"\0asm\x01\0\0\0rest", FileKind::CoreModule),
            (b"\0asm\x0d\0", FileKind::DamagedHeader),
            (b"\x7fELF....", FileKind::Precompiled),
            (b"\x1f\x8b\x08", FileKind::Gzip),
            (b"  (module)", FileKind::Wat),
            (b"hello", FileKind::Text),
            (b"\xff\xfe\x00\x01", FileKind::Unknown),
        ];
        for (bytes, kind) in table {
            assert_eq!(FileKind::of(bytes), *kind, "{bytes:?}");
        }
    }
}
