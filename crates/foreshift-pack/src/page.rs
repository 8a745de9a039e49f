//! What a page calls, once: it writes what was packed to the start of the room, and finds the module behind it.

use std::sync::Mutex;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{SIZE, unpack};

/// Zeros take no place in a file.
static ROOM: Mutex<[u8; 2 * SIZE]> = Mutex::new([0; 2 * SIZE]);

/// Where the room is in the memory.
#[wasm_bindgen]
pub fn room() -> usize {
    ROOM.lock().map_or(0, |room| room.as_ptr().addr())
}

/// Unpacks the first bytes of the room, so many; says how long the module behind them is, 0 where there is none.
#[wasm_bindgen(js_name = unpack)]
pub fn unpack_first(length: usize) -> usize {
    let Ok(mut room) = ROOM.lock() else { return 0 };
    room.split_at_mut_checked(length).map_or(0, |(packed, room)| unpack(packed, room))
}
