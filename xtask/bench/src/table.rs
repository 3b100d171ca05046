//! Times in words, in rows.

use std::time::Duration;

/// A time with the digits that mean something.
pub fn words(took: Duration) -> String {
    match took.as_nanos() {
        nanos if nanos < 100_000 => format!("{}.{} µs", nanos / 1_000, nanos % 1_000 / 100),
        nanos if nanos < 10_000_000 => format!("{} µs", nanos / 1_000),
        nanos => format!("{} ms", nanos / 1_000_000),
    }
}

/// A row of a table.
pub fn row(cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>18}")).collect();
    println!("{}", cells.join(" "));
}
