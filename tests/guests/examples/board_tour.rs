//! Calls every function of the board. Job: ignored. Result: the error of a `tick`
//! before `start`, or nil.

use wodehost_guest::{Failure, board, worker};

#[worker]
fn board_tour() -> Result<Option<String>, Failure> {
    let early = board::tick(1).err();
    board::say("working");
    board::look(board::Look::Warning);
    board::pin(true);
    board::start(3);
    board::tick(1)?;
    board::complete();
    board::clear();
    Ok(early.map(|refused| refused.message().to_owned()))
}
