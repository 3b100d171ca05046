//! Strings: patterns, lengths and exclusions.

use super::{
    super::{
        form::{Form, Type},
        language::{self, Member, Query},
    },
    Prover, Step, Stopped, Tree,
    branch::{Branch, speaks_of},
};
use crate::text::Value;

impl Prover<'_> {
    fn no_string(&self, branch: &Branch) -> Step {
        let depends = branch.depends(|leaf| {
            let form = self.forms.get(leaf.form);
            matches!(form, Form::Values(_))
                || speaks_of(form).is_some_and(|types| types.has(Type::String))
        });
        Step::Closed(Tree::Strings, usize::MAX, depends)
    }

    pub(super) fn strings(&mut self, branch: &Branch) -> Step {
        let mut within = Vec::new();
        let mut outside = Vec::new();
        let mut except: Vec<&str> = Vec::new();
        let mut least = 0u64;
        let mut most: Option<u64> = None;
        let at_most =
            |known: Option<u64>, length: u64| Some(known.map_or(length, |known| known.min(length)));
        for leaf in &branch.leaves {
            match (self.forms.get(leaf.form), leaf.holds) {
                (Form::Pattern(pattern), true) => within.push(*pattern),
                (Form::Pattern(pattern), false) => outside.push(*pattern),
                (Form::ShortestText(length), true) => least = least.max(*length),
                (Form::ShortestText(length), false) => match length.checked_sub(1) {
                    Some(below) => most = at_most(most, below),
                    None => return self.no_string(branch),
                },
                (Form::LongestText(length), true) => most = at_most(most, *length),
                (Form::LongestText(length), false) => least = least.max(length.saturating_add(1)),
                (Form::Values(list), false) => {
                    except.extend(list.iter().filter_map(Value::as_str));
                }
                // A text that is found without them is a guess, which the validator judges in the end.
                (Form::Opaque(types, _), _) if types.has(Type::String) => {}
                _ => {}
            }
        }
        within.sort_unstable();
        within.dedup();
        outside.sort_unstable();
        outside.dedup();
        let query = Query {
            within: &within,
            outside: &outside,
            min_length: least,
            max_length: most,
            except: &except,
        };
        match self.languages.member(&query, self.steps) {
            Member::None => self.no_string(branch),
            Member::Some(text) => Step::Model(Value::String(text)),
            Member::Unknown(why) => {
                let why = match why {
                    language::Stopped::Spent => Stopped::Steps,
                    language::Stopped::Unsupported(pattern) => {
                        let form = self.forms.add(Form::Pattern(pattern));
                        let why = self.languages.unsupported(pattern).unwrap_or_default();
                        Stopped::Form(Some(form), why.to_owned())
                    }
                };
                self.stop(why);
                Step::Unknown
            }
        }
    }
}
