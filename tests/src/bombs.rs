//! Components that are small and sound, and take whoever compiles them long; written
//! byte by byte, because their texts would be larger than what reads them likes.

/// `if (local 0) { local 2 = local 1 } else { local 0 = local 3 }`.
const BRANCH: &[u8] = b"\x20\x00\x04\x40\x20\x01\x21\x02\x05\x20\x03\x21\x00\x0b";

/// One function with so many branches, each of which changes a local.
pub fn branches(count: usize) -> Vec<u8> {
    functions(1, 10, &BRANCH.repeat(count))
}

/// So many functions with so many locals and these instructions each.
pub fn functions(count: usize, locals: u64, code: &[u8]) -> Vec<u8> {
    let types = section(1, b"\x01\x60\x00\x00");
    let mut uses = number(count as u64);
    uses.resize(uses.len() + count, 0);
    let body = [b"\x01", &number(locals)[..], b"\x7f", code, b"\x0b"].concat();
    let body = [number(body.len() as u64), body].concat();
    let bodies = [number(count as u64), body.repeat(count)].concat();
    let module = [types, section(3, &uses), section(10, &bodies)].concat();
    let module = [b"\0asm\x01\0\0\0", &module[..]].concat();
    component(&section(1, &module))
}

/// A component type in a component type, and so on.
pub fn deep_types(depth: usize) -> Vec<u8> {
    let nested = [b"\x01", &b"\x41\x01\x01".repeat(depth)[..], b"\x41\x00"];
    component(&section(7, &nested.concat()))
}

/// A component in a component, and so on.
pub fn deep_components(depth: usize) -> Vec<u8> {
    (0..depth).fold(component(&[]), |inner, _| component(&section(4, &inner)))
}

/// So many modules with a memory of 16 MiB that has one byte at either end: what is in
/// between is in its image, too.
pub fn holes(count: usize) -> Vec<u8> {
    let memory = section(5, &[b"\x01\x00", &number(256)[..]].concat());
    let datum = |place: &[u8]| [b"\x00\x41", place, b"\x0b\x01x"].concat();
    let data = [b"\x02".to_vec(), datum(b"\x01"), datum(b"\xff\xff\xff\x07")].concat();
    let module = [b"\0asm\x01\0\0\0".to_vec(), memory, section(11, &data)].concat();
    component(&section(1, &module).repeat(count))
}

fn component(sections: &[u8]) -> Vec<u8> {
    [b"\0asm\x0d\0\x01\0", sections].concat()
}

fn section(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &number(body.len() as u64)[..], body].concat()
}

/// A number as WebAssembly writes it, seven bits a byte.
fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
