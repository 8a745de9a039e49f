//! Between istiod and a proxy: endpoints' addresses become those that their servers listen on, and the feed can be slowed.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::failure::Result;

/// Begins an address of a pod: `172.16.` to `172.31.`. What stands for it is as long, so no length in the stream changes.
const POD: &[u8] = b"172.";
const SERVER: &[u8] = b"127.";
const LENGTH: usize = b"172.16.".len();

/// How long the rest of an address may take. Without an end to that, an answer whose last character looks like a beginning,
/// as that of one nonce in sixteen does, would lie here until istiod's next sign of life, half a minute later.
const PATIENCE: Duration = Duration::from_millis(100);

/// Runs until it is dropped, and its connections with it.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Relay {
    /// In front of istiod's port; what istiod says arrives later by `delay`.
    pub(crate) async fn start(port: u16, delay: Duration) -> Result<Relay> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let Ok(istiod) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { continue };
                let ((from_client, to_client), (from_istiod, to_istiod)) = (client.into_split(), istiod.into_split());
                connections.spawn(copy(from_client, to_istiod));
                connections.spawn(rewrite(from_istiod, to_client, delay));
            }
        });
        Ok(Relay { address, task })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

async fn rewrite(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) {
    let (sender, mut chunks) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        while let Some((due, bytes)) = chunks.recv().await {
            sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let send = |bytes| sender.send((Instant::now() + delay, bytes));
    let mut held = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer);
        let read = if held.is_empty() { Ok(read.await) } else { timeout(PATIENCE, read).await };
        let sent = match read {
            Ok(Ok(count @ 1..)) => {
                held.extend_from_slice(&buffer[..count]);
                replace(&mut held);
                let rest = held.split_off(held.len() - unfinished(&held));
                send(std::mem::replace(&mut held, rest))
            }
            Ok(_) => return,
            Err(_) => send(std::mem::take(&mut held)),
        };
        if sent.is_err() {
            return;
        }
    }
}

fn replace(bytes: &mut [u8]) {
    for start in 0..bytes.len().saturating_sub(LENGTH - 1) {
        if is_pod(&bytes[start..start + LENGTH]) {
            bytes[start..start + SERVER.len()].copy_from_slice(SERVER);
        }
    }
}

fn is_pod(bytes: &[u8]) -> bool {
    let number = std::str::from_utf8(&bytes[4..6]).ok().and_then(|text| text.parse::<u8>().ok());
    bytes.starts_with(POD) && number.is_some_and(|number| (16..=31).contains(&number)) && bytes[6] == b'.'
}

/// How many bytes at the end may be the beginning of an address whose rest is still to come.
fn unfinished(bytes: &[u8]) -> usize {
    (1..LENGTH).rev().find(|&count| bytes.len() >= count && begins(&bytes[bytes.len() - count..])).unwrap_or(0)
}

fn begins(end: &[u8]) -> bool {
    let common = end.len().min(POD.len());
    end[..common] == POD[..common] && end[common..].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::{Relay, replace, unfinished};
    use crate::failure::Result;

    #[test]
    fn only_addresses_of_pods_change_and_halves_wait_for_their_rest() {
        let mut bytes = b"a172.16.0.3:b172.32.0.1:c1172.31.9.9".to_vec();
        replace(&mut bytes);
        assert_eq!(bytes, b"a127.16.0.3:b172.32.0.1:c1127.31.9.9");
        assert_eq!(unfinished(b"x172.1"), 5);
        assert_eq!(unfinished(b"x1"), 1);
        assert_eq!(unfinished(b"x"), 0);
    }

    #[tokio::test]
    async fn an_answer_that_ends_as_an_address_begins_arrives_whole() -> Result<()> {
        let istiod = TcpListener::bind("127.0.0.1:0").await?;
        let relay = Relay::start(istiod.local_addr()?.port(), Duration::ZERO).await?;
        let mut proxy = TcpStream::connect(relay.address).await?;
        let (mut feed, _) = istiod.accept().await?;
        feed.write_all(b"172.16.0.3 and a nonce 4f1").await?;
        let mut answer = [0; 26];
        proxy.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"127.16.0.3 and a nonce 4f1");
        Ok(())
    }
}
