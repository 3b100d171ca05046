//! The engines and how each is started.

use std::path::Path;
use std::process::Command;

use serde::Serialize;

use crate::arguments::Arguments;

/// The names of ours.
pub const OURS: [&str; 2] = ["senate", "senate-node"];

/// An engine of the table.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// As `--only` names it.
    pub name: &'static str,
    /// As the table names it.
    pub title: &'static str,
    /// Its program.
    pub program: Program,
    /// How it learns the dialect of a schema that names none.
    pub dialect: Dialect,
}

/// How an engine is told a question's dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// By an option of its interface.
    Option,
    /// By `$schema`, put into a schema that has none.
    Keyword,
    /// Not at all: it knows one dialect, reads in it what names none, and refuses the others. With `$schema` put in it would
    /// answer far fewer questions, so this is the kinder reading.
    AsWritten,
}

/// A program that answers [`crate::lines::Asked`].
#[derive(Clone, Copy, Debug)]
pub enum Program {
    /// This one: `answer <engine>`.
    Native(&'static str),
    /// The one around jsoncompat, in one of its two ways.
    Jsoncompat(&'static str),
    /// A file of `node/`, loading from an installed folder of that name.
    Node(&'static str, &'static str),
    /// A file of `python/`, in the virtual environment of that name.
    Python(&'static str, &'static str),
}

/// In the order of the table.
pub const ENGINES: [Engine; 10] = [
    Engine {
        name: "senate",
        title: "schema-senate (native)",
        program: Program::Native("senate"),
        dialect: Dialect::Option,
    },
    Engine {
        name: "senate-node",
        title: "schema-senate (npm, wasm in Node)",
        program: Program::Node("senate.mjs", "npm"),
        dialect: Dialect::Option,
    },
    Engine {
        name: "canonical",
        title: "jsonschema::canonical 0.60.2",
        program: Program::Native("canonical"),
        dialect: Dialect::Option,
    },
    Engine {
        name: "subschema",
        title: "subschema 0.1.0 (z3)",
        program: Program::Python("subschema_lines.py", "subschema"),
        dialect: Dialect::Option,
    },
    Engine {
        name: "jsoncompat",
        title: "jsoncompat 0.5.0 (check_compat)",
        program: Program::Jsoncompat("prove"),
        dialect: Dialect::AsWritten,
    },
    Engine {
        name: "jsoncompat-analyze",
        title: "jsoncompat 0.5.0 (analyze_compat)",
        program: Program::Jsoncompat("analyze"),
        dialect: Dialect::AsWritten,
    },
    Engine {
        name: "json-schema-diff",
        title: "json-schema-diff 1.0.0 (Atlassian)",
        program: Program::Node("json-schema-diff.mjs", "npm"),
        dialect: Dialect::AsWritten,
    },
    Engine {
        name: "is-json-schema-subset",
        title: "is-json-schema-subset 1.1.27",
        program: Program::Node("is-json-schema-subset.mjs", "is-json-schema-subset"),
        dialect: Dialect::AsWritten,
    },
    Engine {
        name: "json-schema-diff-validator",
        title: "json-schema-diff-validator 0.4.2",
        program: Program::Node("json-schema-diff-validator.mjs", "npm"),
        dialect: Dialect::Keyword,
    },
    Engine {
        name: "jsonsubschema",
        title: "jsonsubschema 0.0.8 (IBM)",
        program: Program::Python("jsonsubschema_lines.py", "python"),
        dialect: Dialect::Keyword,
    },
];

/// The validators that confirm witnesses: ours first, then the independent ones.
pub const VALIDATORS: [(&str, Program); 3] = [
    ("ours", Program::Native("confirm")),
    ("ajv", Program::Node("confirm.mjs", "npm")),
    ("python", Program::Python("confirm.py", "python")),
];

impl Program {
    /// The command.
    pub fn command(self, given: &Arguments) -> Result<Command, String> {
        let here = given.root.join("xtask/compare");
        let mut command = match self {
            Self::Native(engine) => {
                let own = std::env::current_exe().map_err(|error| error.to_string())?;
                let mut command = Command::new(own);
                command.args(["answer", engine]);
                command
            }
            Self::Jsoncompat(way) => {
                let name = format!("xtask-compare-jsoncompat{}", std::env::consts::EXE_SUFFIX);
                let mut command = Command::new(given.tools.join("jsoncompat/release").join(name));
                command.arg(way);
                command
            }
            Self::Node(file, folder) => {
                let mut command = Command::new("node");
                command
                    .arg(here.join("node").join(file))
                    .arg(given.tools.join(folder).join("package.json"));
                command
            }
            Self::Python(file, folder) => {
                let mut command = Command::new(python(&given.tools.join(folder)));
                // Nothing is written beside the sources.
                command.arg("-B").arg(here.join("python").join(file));
                command
            }
        };
        command.current_dir(&given.root);
        Ok(command)
    }
}

/// The interpreter of a virtual environment.
fn python(folder: &Path) -> std::path::PathBuf {
    if cfg!(windows) {
        folder.join("Scripts/python.exe")
    } else {
        folder.join("bin/python")
    }
}
