//! `cargo xtask serve`.

use crate::run::{self, Outcome};
use crate::{build, place};

/// Builds, then becomes `senate serve`: Ctrl-C and the exit code are the server's own.
pub fn serve(arguments: &[String]) -> Outcome {
    build::everything()?;
    let mut server = run::command("node");
    server
        .arg(place::root().join("pkg/agent/bin/senate.js"))
        .arg("serve");
    if !arguments
        .iter()
        .any(|argument| argument.starts_with("--member"))
    {
        // A senate founded with members of one's own starts without the example's types.
        server.arg("--example");
    }
    server.args(arguments);
    become_it(&mut server)
}

#[cfg(unix)]
fn become_it(command: &mut std::process::Command) -> Outcome {
    use std::os::unix::process::CommandExt as _;
    Err(format!(
        "`{}` did not start: {}",
        run::line(command),
        command.exec()
    ))
}

#[cfg(not(unix))]
fn become_it(command: &mut std::process::Command) -> Outcome {
    run::run(command)
}
