//! What the core costs natively where there is no JavaScript peer: the log's tree, signatures, ballots, replays, audits and
//! certificates.
//!
//! `cargo xtask bench native`. Absolute times are of this machine; where there is something to hold them against, it is measured
//! in the same run.

mod ledger;
mod senate;
mod table;
mod votes;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    ledger::measure()?;
    votes::measure()?;
    senate::measure()?;
    Ok(())
}
