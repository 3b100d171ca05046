//! The statements of a plan against a real PostgreSQL server: row by row the same as the transform, and undone exactly.
//!
//! A server of its own is started on a Unix socket in a temporary folder. Without PostgreSQL on the machine the test says
//! that it skipped.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test looks at clocks and drives other processes; the core does neither"
)]

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use schema_senate::migration::{Plan, Step, apply, statements};
use schema_senate::schema::FieldPath;
use serde_json::{Value, json};

// ------------------------------------------------------------------------------------------------ a server

/// A temporary server; stopped and removed when dropped.
struct Server {
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
    fn start() -> Option<Self> {
        let bin = installation()?;
        let folder = std::env::temp_dir().join(format!("senate-migration-{}", std::process::id()));
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
    fn script(&self, script: &str) -> Result<String, String> {
        let mut child = self
            .command("psql")
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-1",
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

    fn must(&self, script: &str) -> String {
        self.script(script)
            .unwrap_or_else(|error| panic!("{error}\nin\n{script}"))
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

// ------------------------------------------------------------------------------------------------ artifacts

/// A small deterministic generator: the same artifacts on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }

    fn scalar(&mut self) -> Value {
        self.pick(&[
            json!(null),
            json!(true),
            json!(0),
            json!(-7),
            json!(9007199254740991i64),
            json!(0.1),
            json!(1.0),
            json!(1e21),
            json!(1e-7),
            json!(-0.0),
            json!(""),
            json!("it's"),
            json!("back\\slash \"quoted\" \n\t\u{1}"),
            json!("%s ? $1 :name"),
            json!("ü💡\u{2028}"),
            json!("a"),
        ])
    }

    fn value(&mut self, depth: usize) -> Value {
        const NAMES: [&str; 7] = ["a", "b", "c", "items", "x.y", "$ref", "@id"];
        match self.roll(if depth > 4 { 1 } else { 5 }) {
            0 | 1 => self.scalar(),
            2 => (0..self.roll(4)).map(|_| self.value(depth + 1)).collect(),
            _ => {
                let members = self.roll(5);
                let object = (0..members)
                    .map(|_| (self.pick(&NAMES).to_owned(), self.value(depth + 1)))
                    .collect();
                Value::Object(object)
            }
        }
    }
}

/// Equality of JSON values where numbers are what doubles hold of them: `jsonb` keeps the scale of a number, not its spelling.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

fn plans() -> Vec<Vec<Step>> {
    let mut dice = Dice(0x5EED_CAFE);
    let set = |at: &str, value: Value| Step::SetDefault {
        path: path(at),
        value,
    };
    let remove = |at: &str| Step::Remove { path: path(at) };
    let rename = |from: &str, to: &str| Step::Rename {
        from: path(from),
        to: path(to),
    };
    let mut plans = vec![
        vec![set("/blinding", json!("none"))],
        vec![set("/a", json!(null))],
        vec![set("/a/b", json!({"it's": ["a\\b", "\"", "\u{1}", "💡"]}))],
        vec![set("/items/*/a", json!([]))],
        vec![set("/*/a", json!(1.50))],
        vec![set("/items/*/a/*/*/b", json!(false))],
        vec![set("/x.y/$ref/@id", json!("E'\\'' || (SELECT 1) -- "))],
        vec![remove("/a")],
        vec![remove("/a/b/c")],
        vec![remove("/items/*/a")],
        vec![remove("/*/*/a")],
        vec![rename("/a", "/b")],
        vec![rename("/a/b", "/a/c")],
        vec![rename("/items/*/a", "/items/*/x.y")],
        vec![rename("/*/$ref", "/*/@id")],
        vec![
            rename("/a", "/b"),
            set("/a", json!(1)),
            remove("/b/c"),
            set("/b/*/c", json!("x")),
        ],
    ];
    for _ in 0..24 {
        let mut text = String::new();
        for _ in 0..dice.roll(4) {
            text.push('/');
            text.push_str(dice.pick(&["a", "b", "items", "*", "x.y"]));
        }
        let at = format!("{text}/{}", dice.pick(&["a", "b", "c"]));
        plans.push(vec![match dice.roll(3) {
            0 => set(&at, dice.value(2)),
            1 => remove(&at),
            _ => rename(&at, &format!("{text}/{}", dice.pick(&["a", "b", "z"]))),
        }]);
    }
    plans
}

fn rows(server: &Server) -> BTreeMap<String, (String, Value)> {
    server
        .must("SELECT id || E'\\t' || artifact_type || E'\\t' || metadata::text FROM artifacts WHERE metadata IS NOT NULL")
        .lines()
        .map(|line| {
            let mut cells = line.splitn(3, '\t');
            let (id, kind, metadata) = (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap());
            (id.to_owned(), (kind.to_owned(), serde_json::from_str(metadata).unwrap()))
        })
        .collect()
}

fn fill(server: &Server, artifacts: &[(String, &str, Value)]) {
    let mut script = String::from(
        "DROP TABLE IF EXISTS artifacts, artifact_migration_undo;
         CREATE TABLE artifacts (id text PRIMARY KEY, artifact_type text NOT NULL, metadata jsonb);
         INSERT INTO artifacts VALUES ('empty', 'experiment', NULL);
         COPY artifacts FROM stdin;\n",
    );
    for (id, kind, metadata) in artifacts {
        // COPY's own escape character; JSON text holds no raw control characters.
        let cell = metadata.to_string().replace('\\', "\\\\");
        script.push_str(&format!("{id}\t{kind}\t{cell}\n"));
    }
    script.push_str("\\.\n");
    server.must(&script);
}

#[test]
fn the_statements_do_what_the_transform_does_and_can_be_undone() {
    let Some(server) = Server::start() else {
        println!(
            "SKIPPED: no PostgreSQL (initdb, pg_ctl, psql) under /usr/lib/postgresql/*/bin, or no user to run it as"
        );
        return;
    };
    let mut dice = Dice(42);
    let artifacts: Vec<(String, &str, Value)> = (0..600)
        .map(|index| {
            let kind = if index % 7 == 0 {
                "other"
            } else {
                "experiment"
            };
            (format!("artifact-{index}"), kind, dice.value(0))
        })
        .collect();
    let mut changed_rows = 0;
    for (number, steps) in plans().into_iter().enumerate() {
        let sql = statements(&steps, "experiment", "experiment@3->4").unwrap();
        // Literals must mean the same under the old reading of backslashes.
        let setting = if number % 2 == 0 { "on" } else { "off" };
        let script = |list: &[String]| {
            let mut text = format!(
                "SET standard_conforming_strings = {setting}; SET escape_string_warning = off;\n"
            );
            for statement in list {
                text.push_str(statement);
                text.push_str(";\n");
            }
            text
        };
        fill(&server, &artifacts);
        let before = rows(&server);

        server.must(&script(&sql.up));
        let after = rows(&server);
        assert_eq!(after.len(), artifacts.len());
        let mut changed = Vec::new();
        for (id, (kind, metadata)) in &after {
            let original = &before[id].1;
            let outcome = apply(&steps, original);
            let expected = if kind == "experiment" {
                &outcome.artifact
            } else {
                original
            };
            assert!(
                same(metadata, expected),
                "{id}: {original}\n  sql       {metadata}\n  transform {expected}\n{:?}",
                sql.up
            );
            if kind == "experiment" && outcome.changed {
                changed.push(id.clone());
            }
        }
        changed_rows += changed.len();
        let undo = "SELECT artifact_id FROM artifact_migration_undo ORDER BY artifact_id";
        let recorded = |server: &Server| {
            let mut ids: Vec<String> = server.must(undo).lines().map(str::to_owned).collect();
            ids.sort();
            ids
        };
        // A rename and back within one plan changes nothing in the end; everything else is recorded, and nothing more.
        assert!(recorded(&server).iter().all(|id| changed.contains(id)));
        if steps.len() == 1 {
            assert_eq!(recorded(&server), changed);
            server.must(&script(&sql.up));
            assert_eq!(rows(&server), after, "the second run changed something");
            assert_eq!(recorded(&server), changed);
        }

        // Somebody edits one of the migrated rows; the undo leaves it alone and keeps its pre-image.
        let edited = recorded(&server).first().cloned();
        if let Some(id) = &edited {
            server.must(&format!(
                "UPDATE artifacts SET metadata = '{{\"edited\": true}}' WHERE id = '{id}'"
            ));
        }
        for _ in 0..2 {
            server.must(&script(&sql.down));
            let restored = rows(&server);
            for (id, (_, metadata)) in &restored {
                if Some(id) == edited.as_ref() {
                    assert_eq!(metadata, &json!({"edited": true}));
                } else {
                    assert_eq!(metadata, &before[id].1, "{id} was not restored");
                }
            }
            assert_eq!(
                recorded(&server),
                edited.iter().cloned().collect::<Vec<_>>()
            );
        }
    }
    assert!(
        changed_rows > 1_000,
        "the artifacts hardly exercise the steps: {changed_rows} rows changed"
    );
    println!(
        "{changed_rows} rows migrated by {} plans, each as the transform says",
        plans().len()
    );

    // The whole path, from a change to a plan to a server.
    let change = schema_senate::schema::Change::AddField {
        path: path("/design/blinding"),
        schema: json!({"type": "string"}),
        required: false,
        default: Some(json!("none")),
    };
    let declared = json!({"none_needed": "the default is set"});
    let plan: Plan =
        schema_senate::migration::plan(&change, "experiment", (3, 4), &declared).unwrap();
    fill(
        &server,
        &[("one".into(), "experiment", json!({"design": {"arms": 2}}))],
    );
    server.must(&plan.sql.up.join(";\n"));
    assert_eq!(
        rows(&server)["one"].1,
        json!({"design": {"arms": 2, "blinding": "none"}})
    );
    assert_eq!(
        server
            .must("SELECT migration FROM artifact_migration_undo")
            .trim(),
        "experiment@3->4"
    );
    assert!(
        server.script("SELECT 1/0;").is_err(),
        "a failing script must be noticed"
    );
}
