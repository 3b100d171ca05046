//! A PostgreSQL server of its own, on a Unix socket in a temporary folder.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::engine::{Engine, Row};

/// A temporary server; stopped and removed when dropped.
pub struct Server {
    bin: PathBuf,
    folder: PathBuf,
}

/// The folder with `initdb`, newest version first.
fn installation() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| {
            ["initdb", "pg_ctl", "psql"]
                .iter()
                .all(|program| bin.join(program).is_file())
        })
        .collect();
    versions.sort();
    versions.pop()
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n")
}

impl Server {
    /// Starts one; says so when it cannot.
    pub fn start() -> Option<Self> {
        let server = Self::try_start();
        if server.is_none() {
            println!(
                "SKIPPED: no PostgreSQL (initdb, pg_ctl, psql) under /usr/lib/postgresql/*/bin, or no user to run it as"
            );
        }
        server
    }

    fn try_start() -> Option<Self> {
        let bin = installation()?;
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let folder = std::env::temp_dir().join(format!(
            "senate-migration-{}-{}",
            std::process::id(),
            STARTED.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir_all(&folder).unwrap();
        let server = Self { bin, folder };
        if is_root() {
            // A server refuses to run as root.
            let owned = Command::new("chown")
                .arg("postgres")
                .arg(&server.folder)
                .status();
            if !owned.is_ok_and(|status| status.success()) {
                return None;
            }
        }
        let data = server.folder.join("data");
        server.run(
            "initdb",
            &[
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C",
                "-N",
                "-D",
                data.to_str().unwrap(),
            ],
        );
        let options = format!(
            "-k {} -c listen_addresses='' -c fsync=off -c autovacuum=off",
            server.folder.display()
        );
        let log = server.folder.join("log");
        server.run(
            "pg_ctl",
            &[
                "-w",
                "-D",
                data.to_str().unwrap(),
                "-l",
                log.to_str().unwrap(),
                "-o",
                &options,
                "start",
            ],
        );
        Some(server)
    }

    fn command(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder);
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        // Output goes to a file: a pipe would stay open in the server that `pg_ctl` leaves behind.
        let output = fs::File::create(self.folder.join(format!("{program}.out"))).unwrap();
        let status = self
            .command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .status()
            .unwrap();
        assert!(
            status.success(),
            "{program}: {}",
            fs::read_to_string(self.folder.join(format!("{program}.out"))).unwrap()
        );
    }

    /// Runs a script in one transaction, stopping at the first error.
    pub fn script(&self, script: &str) -> Result<String, String> {
        let mut child = self
            .command("psql")
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-1",
                "-F",
                "\t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "postgres",
                "-h",
            ])
            .arg(&self.folder)
            .args(["-d", "postgres", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let text = script.to_owned();
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).unwrap())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let _ = self
            .command("pg_ctl")
            .args([
                "-w",
                "-m",
                "immediate",
                "-D",
                data.to_str().unwrap_or_default(),
                "stop",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let _ = fs::remove_dir_all(Path::new(&self.folder));
    }
}

fn quoted(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

impl Engine for Server {
    const NAME: &'static str = "PostgreSQL";

    fn insert(&self, table: &str, row: &Row) -> String {
        let metadata = row
            .metadata
            .as_ref()
            .map_or("NULL".to_owned(), |text| quoted(text));
        format!(
            "INSERT INTO {table} VALUES ({}, {}, {metadata})",
            quoted(&row.id),
            quoted(&row.artifact_type)
        )
    }

    fn update(&self, table: &str, id: &str, metadata: &str) -> String {
        format!(
            "UPDATE {table} SET metadata = {} WHERE id = {}",
            quoted(metadata),
            quoted(id)
        )
    }

    fn create(&self, table: &str, word: &str) -> String {
        format!(
            "CREATE {word} TABLE {table} (id text PRIMARY KEY, artifact_type text NOT NULL, metadata jsonb)"
        )
    }

    fn run(
        &mut self,
        statements: &[String],
        queries: &[(usize, String)],
    ) -> Result<Vec<Vec<Vec<String>>>, String> {
        let mut script = String::from("SET client_min_messages = warning;\n");
        let mut queries = queries.iter().peekable();
        for at in 0..=statements.len() {
            while let Some((_, query)) = queries.next_if(|(before, _)| *before == at) {
                script.push_str(&format!("\\echo @@\n{query};\n"));
            }
            if let Some(statement) = statements.get(at) {
                script.push_str(statement);
                script.push_str("\n;\n");
            }
        }
        let printed = self.script(&script)?;
        Ok(crate::engine::tables(&printed))
    }

    fn reset(&mut self) {
        self.script("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
            .unwrap();
    }
}
