//! Questions at a terminal, a real one: what is typed before them, and what is no answer.
#![cfg(unix)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tests::case::{self, CONFIG};
use tests::program::program;

/// How long something may take that takes a moment.
const LIMIT: Duration = Duration::from_secs(120);

/// Long enough to see that nothing happens.
const MOMENT: Duration = Duration::from_secs(2);

/// The program at a terminal of its own.
struct Terminal {
    keyboard: File,
    child: Child,
    screen: Arc<Mutex<String>>,
    /// How much of the screen was looked at.
    read: usize,
}

impl Terminal {
    fn start(arguments: &[&str]) -> Terminal {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&keyboard).expect("a terminal");
        unlockpt(&keyboard).expect("a terminal");
        let name = ptsname(&keyboard, Vec::new()).expect("a terminal").into_string().expect("text");
        let end = File::options().read(true).write(true).open(name).expect("a terminal");
        let end = || end.try_clone().expect("a terminal");
        let child = Command::new(program())
            .args(arguments)
            .current_dir(case::cases().join("canary/reference"))
            .env("NO_COLOR", "1")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("it runs");
        let keyboard = File::from(keyboard);
        let (mut shown, screen) = (keyboard.try_clone().expect("a terminal"), Arc::new(Mutex::new(String::new())));
        let seen = Arc::clone(&screen);
        std::thread::spawn(move || {
            let (mut bytes, mut all) = ([0; 4096], Vec::new());
            while let Ok(read @ 1..) = shown.read(&mut bytes) {
                all.extend_from_slice(&bytes[..read]);
                *seen.lock().expect("no panic") = String::from_utf8_lossy(&all).into_owned();
            }
        });
        Terminal { keyboard, child, screen, read: 0 }
    }

    fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("it reads");
    }

    /// What came since the last look, up to these words.
    fn until(&mut self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen.lock().expect("no panic").clone();
            let new = &screen[self.read..];
            if let Some(at) = new.find(words) {
                let new = new[..at + words.len()].to_owned();
                self.read += new.len();
                return new;
            }
            assert!(begun.elapsed() < LIMIT, "no `{words}` in\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What comes within a moment.
    fn meanwhile(&mut self) -> String {
        std::thread::sleep(MOMENT);
        let screen = self.screen.lock().expect("no panic").clone();
        let new = screen[self.read..].to_owned();
        self.read = screen.len();
        new
    }

    fn ends(mut self) -> (i32, String) {
        let begun = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            assert!(begun.elapsed() < LIMIT, "it does not end:\n{}", self.screen.lock().expect("no panic"));
            std::thread::sleep(Duration::from_millis(20));
        }
        let code = self.child.wait().expect("a child").code().expect("no signal");
        (code, self.meanwhile())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const FIRST: &str = "make these 13 writes in memory? [y]es, [n]o, [d]etails:";
const FOURTH: &str =
    "staging, state 4: the new version gets 10 %. [a]pprove (→ state 5: 90 %), [r]oll back (4 writes), [w]ait:";
const FIFTH: &str =
    "staging, state 5: the new version gets 90 %. [a]pprove (→ state 6: 100 %), [r]oll back (4 writes), [w]ait:";

#[test]
fn what_is_typed_ahead_answers_nothing() {
    let mut terminal = Terminal::start(&["apply", CONFIG, "--simulate", "--settle=0"]);
    terminal.types("y\ny\ny\na\na\n");
    let table = terminal.until(FIRST);
    assert!(table.contains("setWeight 90") && !table.contains("@ spec.http[0].route"), "{table}");
    assert_eq!(terminal.meanwhile().trim(), "", "nobody has answered");
    terminal.types("y\na\na\ny\n");
    terminal.until(FOURTH);
    assert_eq!(terminal.meanwhile().trim(), "", "nobody has approved");
    terminal.types("a\na\n");
    terminal.until(FIFTH);
    assert_eq!(terminal.meanwhile().trim(), "", "nobody has approved");
    terminal.types("6\n");
    let (code, rest) = terminal.ends();
    assert!(code == 0 && rest.contains("done: the new version runs"), "{rest}");
}

#[test]
fn what_is_no_answer_is_asked_again() {
    let mut terminal = Terminal::start(&["apply", CONFIG, "--simulate", "--settle=0"]);
    for line in ["\n", "yed\n", "d\n"] {
        terminal.until(FIRST);
        terminal.types(line);
    }
    assert!(terminal.until(FIRST).contains("@ spec.http[0].route"), "the details are all of the plan");
    terminal.types("Y\n");
    for line in ["\n", "y\n", "approv\n", "4\n"] {
        terminal.until(FOURTH);
        terminal.types(line);
    }
    terminal.until(FOURTH);
    terminal.types("Approve\n");
    terminal.until(FIFTH);
    terminal.types("roll back\n");
    let (code, rest) = terminal.ends();
    assert!(code == 5 && rest.contains("rolled back"), "{code}: {rest}");
}

#[test]
fn nobody_has_to_answer() {
    let mut terminal = Terminal::start(&["apply", CONFIG, "--simulate", "--settle=0"]);
    terminal.until(FIRST);
    terminal.types("n\n");
    let (code, rest) = terminal.ends();
    assert!(code == 7 && rest.contains("nothing was written"), "{code}: {rest}");
    let mut terminal = Terminal::start(&["apply", CONFIG, "--simulate", "--settle=0", "--yes"]);
    terminal.until(FOURTH);
    terminal.types("w\n");
    assert!(terminal.until("roll").contains("`foreshift approve` goes on"));
    assert!(!terminal.meanwhile().contains("state"), "it is not asked again");
    let end = |terminal: &Terminal| {
        let sent = Command::new("kill").args(["-INT", &terminal.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    };
    end(&terminal);
    assert_eq!(terminal.ends().0, 7);
    // A question is no reason to stay.
    for question in [FIRST, FOURTH] {
        let more: &[&str] = if question == FOURTH { &["--yes"] } else { &[] };
        let mut terminal = Terminal::start(&[&["apply", CONFIG, "--simulate", "--settle=0"], more].concat());
        terminal.until(question);
        end(&terminal);
        assert_eq!(terminal.ends().0, 7, "{question}");
    }
}
