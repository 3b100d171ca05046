//! What a host shows: documents made from the state and the time, never stored.

mod debate;
mod proposals;
mod senate;
mod types;

use super::state::{Charter, Senate};
use crate::text::{Members, Problem, Value};

/// The names of all views.
pub const VIEWS: [&str; 19] = [
    "senate",
    "signing",
    "members",
    "policy",
    "scope",
    "checkpoint",
    "inclusion",
    "consistency",
    "types",
    "type",
    "schema",
    "transition",
    "context",
    "proposals",
    "proposal",
    "plan",
    "pending_migrations",
    "precedents",
    "certificate_events",
];

/// A view by name. `params` is an object or null; `now_ms` is the host's clock.
///
/// | view | params |
/// |---|---|
/// | `senate`, `members`, `policy`, `scope`, `checkpoint`, `types`, `pending_migrations` | none |
/// | `signing` | `{member_id}` |
/// | `inclusion` | `{seq, size?}` |
/// | `consistency` | `{from, to?}` |
/// | `precedents` | `{draft}` |
/// | `type` | `{artifact_type}` |
/// | `schema` | `{artifact_type, version?}` |
/// | `transition` | `{artifact_type, from, to}` |
/// | `context` | `{artifact_type?}`; no type, an unknown one or `new_type` give a context without `current` |
/// | `proposals` | `{status?, artifact_type?, target?, proposal_type?, proposer_id?, text?, limit?, cursor?}` |
/// | `proposal`, `plan`, `certificate_events` | `{proposal_id}` |
///
/// # Errors
/// `view_unknown`, `senate_not_founded`, `artifact_type_unknown`, `schema_version_unknown`, `upcast_backwards`, `proposal_unknown`,
/// or what is wrong with the params.
pub fn view(senate: &Senate, name: &str, params: &Value, now_ms: u64) -> Result<Value, Problem> {
    let written = senate;
    let settled = senate.at(now_ms);
    let senate = settled.as_ref();
    let Some(charter) = &senate.charter else {
        return Err(Problem::error(
            "senate_not_founded",
            "",
            "this senate is not founded yet",
        ));
    };
    let scene = Scene {
        written,
        senate,
        charter,
    };
    let params = Params(params);
    match name {
        "senate" => {
            params.only(&[])?;
            Ok(scene.senate())
        }
        "signing" => scene.signing(&params),
        "members" => {
            params.only(&[])?;
            Ok(scene.members())
        }
        "policy" => {
            params.only(&[])?;
            Ok(scene.policy())
        }
        "scope" => {
            params.only(&[])?;
            Ok(scene.scope())
        }
        "checkpoint" => {
            params.only(&[])?;
            scene.checkpoint()
        }
        "inclusion" => scene.inclusion(&params),
        "consistency" => scene.consistency(&params),
        "precedents" => scene.precedents(&params),
        "certificate_events" => {
            params.only(&["proposal_id"])?;
            scene.certificate_events(params.text("proposal_id")?)
        }
        "types" => {
            params.only(&[])?;
            Ok(scene.types())
        }
        "type" => {
            params.only(&["artifact_type"])?;
            scene.artifact_type(params.text("artifact_type")?)
        }
        "schema" => {
            params.only(&["artifact_type", "version"])?;
            scene.schema(
                params.text("artifact_type")?,
                params.optional_count("version")?,
            )
        }
        "transition" => {
            params.only(&["artifact_type", "from", "to"])?;
            scene.transition(
                params.text("artifact_type")?,
                params.count("from")?,
                params.count("to")?,
            )
        }
        "context" => {
            params.only(&["artifact_type"])?;
            Ok(scene.context(params.optional_text("artifact_type")?))
        }
        "proposals" => scene.proposals(&params),
        "proposal" => {
            params.only(&["proposal_id"])?;
            scene.proposal(params.text("proposal_id")?)
        }
        "plan" => {
            params.only(&["proposal_id"])?;
            scene.plan(params.text("proposal_id")?)
        }
        "pending_migrations" => {
            params.only(&[])?;
            Ok(scene.pending_migrations())
        }
        other => Err(
            Problem::error("view_unknown", "", format!("there is no view `{other}`"))
                .remedy(format!("use one of {}", VIEWS.join(", "))),
        ),
    }
}

/// A founded senate at a moment.
struct Scene<'a> {
    /// As the log is written down.
    written: &'a Senate,
    /// With what is due at the moment.
    senate: &'a Senate,
    charter: &'a Charter,
}

/// The params of a view.
struct Params<'a>(&'a Value);

impl<'a> Params<'a> {
    fn only(&self, allowed: &[&str]) -> Result<(), Problem> {
        if self.0.is_null() {
            return Ok(());
        }
        match Members::of(self.0, "", allowed).end().into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(()),
        }
    }

    fn required(&self, name: &'static str) -> Result<&'a Value, Problem> {
        self.0.get(name).ok_or_else(|| {
            Problem::error(
                "member_missing",
                "",
                format!("the view needs the param `{name}`"),
            )
        })
    }

    fn count(&self, name: &'static str) -> Result<u64, Problem> {
        self.required(name)?;
        Ok(self.optional_count(name)?.unwrap_or_default())
    }

    fn text(&self, name: &'static str) -> Result<&'a str, Problem> {
        self.optional_text(name)?.ok_or_else(|| {
            Problem::error(
                "member_missing",
                "",
                format!("the view needs the param `{name}`"),
            )
        })
    }

    fn optional_text(&self, name: &'static str) -> Result<Option<&'a str>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Problem::error(
                "member_type",
                format!("/{name}"),
                format!("`{name}` must be a string"),
            )),
        }
    }

    fn optional_count(&self, name: &'static str) -> Result<Option<u64>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| {
                Problem::error(
                    "member_type",
                    format!("/{name}"),
                    format!("`{name}` must be a count"),
                )
            }),
        }
    }
}
