//! A child's answer as bytes. The module above tells what they are.

use super::Refusal;
use std::io::{Read, Write};

/// How an answer begins.
const MAGIC: &[u8; 8] = b"wodecomp";

/// The version of the protocol: of the arguments, and of the answer.
pub(super) const VERSION: u16 = 1;

/// The most code that is taken of any component, bytes.
const CODE_BYTES_MAX: u64 = 1 << 30;

/// So much code any component may become, bytes: the image of a memory with holes has up
/// to 16 MiB, whatever its module says in twenty bytes.
const CODE_BYTES_BASE: u64 = 32 << 20;

/// And so much for each byte of the component. With fuel metered it is 3 to 5 for what
/// toolchains make.
const CODE_BYTES_PER_BYTE: u64 = 16;

/// The largest refusal that is taken, bytes.
const REFUSAL_BYTES_MAX: u64 = 64 << 10;

const HEAD_BYTES: usize = 8 + 2 + 1 + 8 + 8;

/// What a child answers.
pub(super) type Answer = Result<Vec<u8>, Refusal>;

/// The most code that a component of so many bytes may become.
pub(super) fn code_bytes_max(component_bytes: usize) -> u64 {
    (component_bytes as u64)
        .saturating_mul(CODE_BYTES_PER_BYTE)
        .saturating_add(CODE_BYTES_BASE)
        .min(CODE_BYTES_MAX)
}

/// Writes an answer.
pub(super) fn write(
    output: &mut impl Write,
    fingerprint: u64,
    answer: &Answer,
) -> std::io::Result<()> {
    let packed;
    let (kind, body) = match answer {
        Ok(code) => (0, code),
        Err(refusal) => {
            packed = rmp_serde::to_vec(refusal).map_err(std::io::Error::other)?;
            (1, &packed)
        }
    };
    let mut head = Vec::with_capacity(HEAD_BYTES);
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&VERSION.to_le_bytes());
    head.push(kind);
    head.extend_from_slice(&fingerprint.to_le_bytes());
    head.extend_from_slice(&(body.len() as u64).to_le_bytes());
    output.write_all(&head)?;
    output.write_all(body)?;
    output.flush()
}

/// Reads an answer, and no more of it than it may have. The error says what is wrong.
pub(super) fn read(
    input: &mut impl Read,
    fingerprint: u64,
    code_bytes_max: u64,
) -> Result<Answer, String> {
    let mut head = [0; HEAD_BYTES];
    input
        .read_exact(&mut head)
        .map_err(|_| "it gave no answer".to_owned())?;
    let (magic, rest) = head.split_at(8);
    if magic != MAGIC {
        return Err("its answer is none of a compiler".to_owned());
    }
    let (version, rest) = rest.split_at(2);
    if version != VERSION.to_le_bytes() {
        return Err("it speaks another version of the protocol".to_owned());
    }
    let (kind, rest) = rest.split_at(1);
    let (theirs, bytes) = rest.split_at(8);
    if theirs != fingerprint.to_le_bytes() {
        return Err("it compiles with other settings or another wasmtime".to_owned());
    }
    let bytes = bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b));
    let most = if kind == [0] {
        code_bytes_max
    } else {
        REFUSAL_BYTES_MAX
    };
    if bytes > most {
        return Err(format!("it announces {bytes} bytes; limit {most}"));
    }
    // What is announced is not reserved: it may never come.
    let mut body = Vec::new();
    let end = input.take(bytes + 1).read_to_end(&mut body);
    end.map_err(|e| format!("its answer cannot be read: {e}"))?;
    if body.len() as u64 != bytes {
        let word = if body.len() as u64 > bytes {
            "longer"
        } else {
            "shorter"
        };
        return Err(format!(
            "its answer is {word} than the {bytes} bytes it announces"
        ));
    }
    match kind {
        [0] => Ok(Ok(body)),
        [1] => match rmp_serde::from_slice(&body) {
            Ok(refusal) => Ok(Err(refusal)),
            Err(_) => Err("its refusal cannot be understood".to_owned()),
        },
        _ => Err("its answer is neither code nor a refusal".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(answer: &Answer) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, 7, answer).expect("memory takes all");
        bytes
    }

    #[test]
    fn an_answer_comes_back_as_it_was() {
        for answer in [
            Ok(b"code".to_vec()),
            Ok(Vec::new()),
            Err(Refusal::Damaged("at byte 8".to_owned())),
            Err(Refusal::Limit(super::super::CompileLimit::Memory(9))),
        ] {
            assert_eq!(read(&mut &written(&answer)[..], 7, 100), Ok(answer));
        }
    }

    #[test]
    fn how_much_code_is_taken_follows_from_the_component() {
        assert_eq!(code_bytes_max(0), 32 << 20);
        assert_eq!(code_bytes_max(2 << 20), 64 << 20);
        assert_eq!(code_bytes_max(64 << 20), 1 << 30);
    }

    #[test]
    fn anything_else_is_told() {
        let good = written(&Ok(b"code".to_vec()));
        let said = |bytes: &[u8]| read(&mut &bytes[..], 7, 1000).expect_err("nothing to take");
        let with = |place: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[place] = byte;
            said(&bytes)
        };
        assert!(said(b"").contains("no answer"));
        assert!(said(&good[..20]).contains("no answer"));
        assert!(with(0, b'W').contains("none of a compiler"));
        assert!(with(8, 2).contains("another version"));
        assert!(with(10, 2).contains("neither"));
        assert!(with(11, 8).contains("other settings"));
        assert!(with(19, 9).contains("shorter than the 9"));
        assert!(with(19, 3).contains("longer than the 3"));
        assert!(with(26, 1).contains("limit 1000"));
        let refusal = written(&Err(Refusal::Damaged("x".repeat(100_000))));
        assert!(said(&refusal).contains("limit 65536"));
        assert!(with(10, 1).contains("cannot be understood"));
    }
}
