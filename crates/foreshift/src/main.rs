//! The command line: arguments, printing, exit codes.

fn main() {}
