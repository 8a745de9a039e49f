//! A web server for one reader on this machine: the playground's files, and the rollout that it follows.
//!
//! It listens on the loopback address only, answers `GET` only, and only where the `Host` is its own: a page of another
//! site that a name server leads here gets nothing. A connection is a thread and one answer; there is nothing to tune.

mod answer;
mod rollout;
mod site;

pub(crate) use rollout::Rollout;
pub(crate) use site::Site;

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use answer::Answer;

use crate::failure::Failure;

/// Longer requests are none of a browser that was led here.
const LIMIT_BYTES: usize = 16 * 1024;

/// How long a client may take to say what it wants, and to take what it gets.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a followed rollout is looked at, and how often a page hears that it is still followed.
const LOOK: Duration = Duration::from_millis(300);
const LOOKS_PER_SIGN: u32 = 50;

/// A server that waits for its first client.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    port: u16,
}

impl Server {
    /// Takes a port; 0 is any that is free.
    pub(crate) fn listen(port: u16) -> Result<Server, Failure> {
        let taken = |error: io::Error| {
            Failure::usage(format!("port {port} cannot be listened on: {error}"))
                .help("`--port 0` takes one that is free")
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        Ok(Server { listener, port })
    }

    /// Where the page is.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Answers until the process ends.
    pub(crate) fn run(&self, site: Site, rollout: Option<Rollout>) -> Failure {
        let (site, rollout) = (Arc::new(site), rollout.map(Arc::new));
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
                Err(error) => return Failure::input(format!("nobody can be listened to any more: {error}")),
            };
            let (site, rollout, port) = (Arc::clone(&site), rollout.clone(), self.port);
            // Who goes away while being answered needs no answer.
            thread::spawn(move || serve(stream, port, &site, rollout.as_deref()));
        }
    }
}

fn serve(mut stream: TcpStream, port: u16, site: &Site, rollout: Option<&Rollout>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let asked = match wanted(&mut stream, port)? {
        Ok(path) => path,
        Err(refusal) => return refusal.write(&mut stream, site),
    };
    match (asked.as_str(), rollout) {
        ("/plan-request.json", Some(rollout)) => Answer::request(rollout.request()).write(&mut stream, site),
        ("/changes", Some(rollout)) => follow(&mut stream, site, rollout),
        (path, _) => site.answer(path).write(&mut stream, site),
    }
}

/// The path that a client asks for, without its query; else why it gets nothing.
fn wanted(stream: &mut TcpStream, port: u16) -> io::Result<Result<String, Answer>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 2048];
    loop {
        let read = stream.read(&mut chunk)?;
        bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes) {
            Ok(httparse::Status::Complete(_)) => return Ok(checked(&request, port)),
            Ok(httparse::Status::Partial) if read > 0 && bytes.len() < LIMIT_BYTES => {}
            _ => return Ok(Err(Answer::refused("400 Bad Request", "this is no request that can be read"))),
        }
    }
}

fn checked(request: &httparse::Request<'_, '_>, port: u16) -> Result<String, Answer> {
    let mut hosts = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case("host"));
    // A browser leaves out the port that everybody has.
    let shown = if port == 80 { String::new() } else { format!(":{port}") };
    let is_own = |host: &[u8]| {
        ["127.0.0.1", "localhost"].iter().any(|name| host.strip_prefix(name.as_bytes()) == Some(shown.as_bytes()))
    };
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if is_own(host.value) => {}
        _ => return Err(Answer::refused("403 Forbidden", "this server answers to 127.0.0.1 and localhost only")),
    }
    if request.method != Some("GET") {
        return Err(Answer::refused("405 Method Not Allowed", "only GET is answered"));
    }
    let path = request.path.unwrap_or("/");
    Ok(path.split_once('?').map_or(path, |(path, _)| path).to_owned())
}

/// Tells a page of each change until it is closed. The files are read again and compared: whatever an editor does when
/// it saves, and whatever is added to a folder, that is never missed, and a rollout is a few small files.
fn follow(stream: &mut TcpStream, site: &Site, rollout: &Rollout) -> io::Result<()> {
    let mut known = rollout.fingerprint();
    Answer::stream().write(stream, site)?;
    for look in 1_u32.. {
        thread::sleep(LOOK);
        let now = rollout.fingerprint();
        if now != known {
            known = now;
            stream.write_all(b"data: changed\n\n")?;
        } else if look.is_multiple_of(LOOKS_PER_SIGN) {
            stream.write_all(b": still here\n\n")?;
        }
    }
    Ok(())
}
