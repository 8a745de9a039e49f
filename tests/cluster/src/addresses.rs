//! Addresses of pods. Kubernetes takes no loopback address for an endpoint, and a machine without special rights serves on
//! no other: a pod has the address 172.N.x.y, and its server listens on 127.N.x.y.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::failure::{Failure, Result};

/// The private addresses 172.16.0.0/12, of which each cluster on this machine has a /16.
const BLOCKS: std::ops::RangeInclusive<u8> = 16..=31;

/// Who holds this port on the block's last address has the block.
const CLAIM: u16 = 61_616;

/// A block of addresses that no other process of this machine uses, for as long as it is held.
pub(crate) struct Block {
    number: u8,
    next: AtomicU32,
    _claim: TcpListener,
}

/// The address of a pod.
#[derive(Clone, Copy)]
pub(crate) struct PodAddress {
    /// What the cluster knows.
    pub(crate) pod: Ipv4Addr,
    /// Where its server listens.
    pub(crate) server: Ipv4Addr,
}

impl Block {
    /// A block that is free.
    pub(crate) fn claim() -> Result<Block> {
        BLOCKS
            .filter_map(|number| {
                let claim = TcpListener::bind((Ipv4Addr::new(127, number, 255, 254), CLAIM)).ok()?;
                Some(Block { number, next: AtomicU32::new(0), _claim: claim })
            })
            .next()
            .ok_or_else(|| Failure::new("sixteen clusters run on this machine already"))
    }

    /// The next address; it comes again after 65 000 others.
    pub(crate) fn next(&self) -> PodAddress {
        let [_, _, upper, lower] = (self.next.fetch_add(1, Ordering::Relaxed) % 65_000 + 1).to_be_bytes();
        let at = |first| Ipv4Addr::new(first, self.number, upper, lower);
        PodAddress { pod: at(172), server: at(127) }
    }

    /// What stands for the machine that the pods run on.
    pub(crate) fn host(&self) -> Ipv4Addr {
        Ipv4Addr::new(172, self.number, 255, 254)
    }
}
