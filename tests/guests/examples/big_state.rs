//! Updates the carried state with a bin of zero bytes. Job: how many. Result: the
//! error's text, or "taken".

use wodehost_guest::{ByteBuf, Failure, Raw, bindings, worker};

#[worker]
fn big_state(bytes: usize) -> Result<String, Failure> {
    let value = Raw::of(&ByteBuf::from(vec![0; bytes]))?;
    Ok(match bindings::wit::task::update_data(&value.0) {
        Ok(()) => "taken".to_owned(),
        Err(why) => why,
    })
}
