//! What can be asked for about pages: links, the playground, pictures for documentation.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Input;

/// Where `foreshift play` serves the page when nothing else is asked for.
const PORT: u16 = 4747;

#[derive(Args, Debug)]
#[command(
    after_help = "A documentation build fails with its example: an error in the input is exit code 1, and nothing is drawn.

Examples:
  foreshift render deploy.yaml --state 5 --page https://docs.example.com/playground/
  foreshift render deploy.yaml -o svg --out rollout.svg
  foreshift render --block state=5 < block.yaml"
)]
pub(crate) struct RenderArguments {
    /// The deployment config, a playground link, or `-` for standard input; manifest paths are relative to its folder
    #[arg(value_name = "DEPLOY.yaml", required_unless_present_any = ["csp", "block"])]
    pub(crate) config: Option<String>,

    /// Draw a fenced block of Markdown: these are its options, and standard input is its text
    #[arg(long, value_name = "OPTIONS", conflicts_with_all = ["config", "current", "target", "hashes", "first", "state"])]
    pub(crate) block: Option<String>,

    #[command(flatten)]
    pub(crate) input: Input,

    /// What to draw
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value_t = RenderFormat::Html)]
    pub(crate) output: RenderFormat,

    /// The state that is shown first, and in an SVG the only one; 0 is the one before the first write
    #[arg(long, value_name = "N")]
    pub(crate) state: Option<usize>,

    #[command(flatten)]
    pub(crate) page: Page,

    /// Write to this file instead
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Only print what a Content-Security-Policy has to list in `style-src` to let the HTML's style through
    #[arg(long)]
    pub(crate) csp: bool,

    /// Take warnings for errors in the exit code
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "The link holds the texts themselves, behind the `#`: no server sees them, and whoever opens it does.

Examples:
  foreshift share deploy.yaml --page https://docs.example.com/playground/
  foreshift plan \"$(foreshift share deploy.yaml)\""
)]
pub(crate) struct ShareArguments {
    /// The deployment config, or `-` for standard input; manifest paths are relative to its folder
    #[arg(value_name = "DEPLOY.yaml")]
    pub(crate) config: String,

    #[command(flatten)]
    pub(crate) input: Input,

    /// Open at this state; 0 is the one before the first write
    #[arg(long, value_name = "N")]
    pub(crate) state: Option<usize>,

    #[command(flatten)]
    pub(crate) page: Page,
}

#[derive(Args, Debug)]
#[command(after_help = "The page is served to this machine only, until the program is stopped.")]
pub(crate) struct PlayArguments {
    /// The deployment config, or a playground link; the page opens with its example where there is none
    #[arg(value_name = "DEPLOY.yaml")]
    pub(crate) config: Option<String>,

    #[command(flatten)]
    pub(crate) input: Input,

    /// Where to serve it; 0 is any port that is free
    #[arg(long, value_name = "N", default_value_t = PORT)]
    pub(crate) port: u16,

    /// Show it in a browser
    #[arg(long)]
    pub(crate) open: bool,

    /// The playground's files, where they did not come with the program
    #[arg(long, value_name = "DIR", env = "FORESHIFT_SITE", hide_env_values = true)]
    pub(crate) site: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct BlocksArguments {
    /// A Markdown file, or a folder of them
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,

    /// Where to write an HTML file for each block, called by the SHA-256 of its options and its text
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// Read nothing beyond this folder; the repository of a path without it, else its folder
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) page: Page,
}

#[derive(Args, Debug)]
#[command(after_help = "In book.toml:

  [preprocessor.foreshift]
  command = \"foreshift mdbook\"
  page = \"https://docs.example.com/playground/\"")]
pub(crate) struct MdbookArguments {
    #[command(subcommand)]
    pub(crate) question: Option<MdbookQuestion>,

    /// Read nothing beyond this folder; the book's repository without it, else its folder
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MdbookQuestion {
    /// Whether a renderer is supported; the exit code is the answer
    Supports {
        /// Its name
        renderer: String,
    },
}

/// Where the playground is.
#[derive(Args, Debug)]
pub(crate) struct Page {
    /// The playground's address
    #[arg(long, value_name = "URL", env = "FORESHIFT_PAGE", hide_env_values = true)]
    pub(crate) page: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum RenderFormat {
    /// A fragment for any page: a declarative shadow root, with every state behind a click
    Html,
    /// A picture: every state beside each other
    Svg,
}

impl Page {
    /// The page's address; without one that of `foreshift play` on this machine.
    pub(crate) fn address(&self) -> String {
        self.page.clone().unwrap_or_else(|| format!("http://127.0.0.1:{PORT}/"))
    }
}
