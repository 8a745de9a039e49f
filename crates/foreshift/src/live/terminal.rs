//! The terminal: whether there is one, and one line of it at a time.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// Whether there is a person to ask.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks, and gives the line that is typed from then on, without spaces around it and in lower case; `None` where nobody
/// types any more. What was typed before the question is no answer to it, and is thrown away.
pub(crate) async fn line(question: String) -> Option<String> {
    tokio::task::spawn_blocking(move || {
        forget();
        let mut stderr = io::stderr();
        let _ = write!(stderr, "{question} ").and_then(|()| stderr.flush());
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).ok().filter(|read| *read > 0);
        read.map(|_| line.trim().to_lowercase())
    })
    .await
    .ok()?
}

/// Throws away what was typed and not read.
fn forget() {
    #[cfg(unix)]
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
}
