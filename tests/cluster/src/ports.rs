//! Free ports of this machine.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::failure::{Failure, Result};

/// Below the ports that outgoing connections get, so that none of those takes one between our look and its use.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// A loopback port that nobody listens on, and that this process has not handed out before. Two processes begin at
/// different places.
pub(crate) fn free() -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(97);
    for _ in 0..COUNT {
        let offset = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(start) % COUNT;
        let Ok(port) = u16::try_from(FIRST + offset) else { continue };
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Failure::new("no loopback port is free"))
}
