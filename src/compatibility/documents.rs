//! The documents of one side, indexed so that a reference can be followed without a validator.
//!
//! Verdicts do not rest on this index: the algebra and the validator resolve references by themselves. It serves the
//! differences, the witness search and the size check, which must keep their place in the text.

use std::{collections::BTreeMap, rc::Rc};

use jsonschema::Draft;

use crate::text::{Value, pointer};

use super::{Side, keywords};

/// The base URI of a schema that has none.
const NAMELESS: &str = "json-schema:///";

/// A subschema and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    /// The subschema.
    pub value: &'a Value,
    /// The URI that references inside it are resolved against, without fragment.
    pub base: Rc<str>,
    /// Where it stands in the side's schema. Inside a referenced document: the place of the `$ref` that led there.
    pub pointer: String,
    /// The referenced document and the pointer inside it, when the subschema is not in the side's own schema.
    pub elsewhere: Option<(Rc<str>, String)>,
}

/// The schema and its referenced documents.
#[derive(Debug)]
pub(super) struct Documents<'a> {
    draft: Draft,
    /// Whether nodes know their pointers.
    placed: bool,
    root: Node<'a>,
    referenced: Vec<Node<'a>>,
    /// By absolute URI, with the fragment of an anchor where it has one.
    by_uri: BTreeMap<String, Node<'a>>,
    /// By the base URI of a resource: its `$dynamicAnchor`s, and whether its root has `$recursiveAnchor`.
    dynamic: BTreeMap<Rc<str>, (Vec<Rc<str>>, bool)>,
}

impl<'a> Documents<'a> {
    /// Indexes every identifier and anchor. The documents have passed the size check, so the walk is bounded.
    pub(super) fn new(side: &Side<'a>, draft: Draft) -> Self {
        Self::index_all(side, draft, true)
    }

    /// The same without pointers, for walks that need none and make many nodes.
    pub(super) fn without_places(side: &Side<'a>, draft: Draft) -> Self {
        Self::index_all(side, draft, false)
    }

    fn index_all(side: &Side<'a>, draft: Draft, placed: bool) -> Self {
        let root = Node {
            value: side.schema,
            base: Rc::from(NAMELESS),
            pointer: String::new(),
            elsewhere: None,
        };
        let mut documents = Self {
            draft,
            placed,
            root: root.clone(),
            referenced: Vec::new(),
            by_uri: BTreeMap::new(),
            dynamic: BTreeMap::new(),
        };
        documents.index(root.clone());
        documents.root = documents.rebase(root);
        let mentions_a_meta_schema = std::iter::once(side.schema)
            .chain(side.references.values())
            .any(refers_to_a_meta_schema);
        for (uri, value) in side.references {
            let uri: Rc<str> = Rc::from(without_fragment(uri));
            let document = Node {
                value,
                base: Rc::clone(&uri),
                pointer: String::new(),
                elsewhere: Some((uri, String::new())),
            };
            documents.index(document.clone());
            documents.referenced.push(documents.rebase(document));
        }
        if mentions_a_meta_schema {
            for (uri, value) in meta_schemas(draft) {
                let uri: Rc<str> = Rc::from(without_fragment(uri));
                documents.index(Node {
                    value,
                    base: Rc::clone(&uri),
                    pointer: String::new(),
                    elsewhere: Some((uri, String::new())),
                });
            }
        }
        documents
    }

    /// The side's schema itself.
    pub(super) fn root(&self) -> Node<'a> {
        self.root.clone()
    }

    /// The referenced documents themselves.
    pub(super) fn referenced(&self) -> impl Iterator<Item = Node<'a>> + '_ {
        self.referenced.iter().cloned()
    }

    /// Whether keywords beside `$ref` count: from 2019-09 on.
    pub(super) fn siblings_count(&self) -> bool {
        !matches!(self.draft, Draft::Draft4 | Draft::Draft6 | Draft::Draft7)
    }

    /// The dialect of the side.
    pub(super) fn draft(&self) -> Draft {
        self.draft
    }

    /// What dynamic references find in the resource with this base URI: its `$dynamicAnchor`s, and whether it has
    /// `$recursiveAnchor`.
    pub(super) fn dynamic_anchors(&self, base: &str) -> (&[Rc<str>], bool) {
        self.dynamic
            .get(base)
            .map_or((&[], false), |(anchors, recursive)| {
                (anchors.as_slice(), *recursive)
            })
    }

    /// A subschema of `node`, one or more steps down a pointer.
    pub(super) fn child(&self, node: &Node<'a>, steps: &str) -> Option<Node<'a>> {
        let segments = pointer::split(steps)?;
        let mut child = self.inside(node, segments.iter().map(String::as_str))?;
        if self.placed {
            match &mut child.elsewhere {
                None => child.pointer = format!("{}{steps}", node.pointer),
                Some((_, at)) => at.push_str(steps),
            }
        }
        Some(child)
    }

    /// A subschema of `node` under these names. Only for documents without places.
    pub(super) fn inside<'s>(
        &self,
        node: &Node<'a>,
        segments: impl IntoIterator<Item = &'s str>,
    ) -> Option<Node<'a>> {
        let mut value = node.value;
        let mut base = Rc::clone(&node.base);
        for segment in segments {
            value = step(value, segment)?;
            base = self.base_of(value, base);
        }
        Some(Node {
            value,
            base,
            pointer: node.pointer.clone(),
            elsewhere: node.elsewhere.clone(),
        })
    }

    /// What `$ref` in `node` names, when it can be found.
    pub(super) fn resolve(&self, node: &Node<'a>, reference: &str) -> Option<Node<'a>> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let absolute = join(&node.base, uri);
        let fragment = decode(fragment)?;
        let resource = self.by_uri.get(&absolute)?.clone();
        let mut found = if fragment.is_empty() {
            resource
        } else if fragment.starts_with('/') {
            self.child(&resource, &fragment)?
        } else {
            self.by_uri.get(&format!("{absolute}#{fragment}"))?.clone()
        };
        if self.placed && found.elsewhere.is_some() {
            found.pointer = match &node.elsewhere {
                // The chain entered the other document earlier; its entrance stays the place in the schema.
                Some(_) => node.pointer.clone(),
                None => pointer::join(&node.pointer, "$ref"),
            };
        }
        Some(found)
    }

    fn rebase(&self, mut node: Node<'a>) -> Node<'a> {
        node.base = self.base_of(node.value, node.base);
        node
    }

    fn base_of(&self, value: &Value, base: Rc<str>) -> Rc<str> {
        let keyword = match self.draft {
            Draft::Draft4 => "id",
            _ => "$id",
        };
        match value.get(keyword).and_then(Value::as_str) {
            Some(id)
                if !id.starts_with('#')
                    && (self.siblings_count() || value.get("$ref").is_none()) =>
            {
                Rc::from(without_fragment(&join(&base, id)))
            }
            _ => base,
        }
    }

    fn index(&mut self, document: Node<'a>) {
        self.by_uri
            .entry(document.base.to_string())
            .or_insert_with(|| document.clone());
        let mut pending = vec![document];
        while let Some(node) = pending.pop() {
            let node = self.rebase(node);
            let Some(object) = node.value.as_object() else {
                continue;
            };
            let id = object.get("$id").or_else(|| object.get("id"));
            if id.is_some_and(Value::is_string) {
                self.by_uri
                    .entry(node.base.to_string())
                    .or_insert_with(|| node.clone());
            }
            let plain_name = id
                .and_then(Value::as_str)
                .and_then(|id| id.strip_prefix('#'));
            if let Some(anchor) = object.get("$dynamicAnchor").and_then(Value::as_str) {
                let (anchors, _) = self.dynamic.entry(Rc::clone(&node.base)).or_default();
                anchors.push(Rc::from(anchor));
            }
            if object.get("$recursiveAnchor") == Some(&Value::Bool(true)) {
                let (_, recursive) = self.dynamic.entry(Rc::clone(&node.base)).or_default();
                *recursive = true;
            }
            let anchors = ["$anchor", "$dynamicAnchor"]
                .into_iter()
                .filter_map(|keyword| object.get(keyword).and_then(Value::as_str));
            for anchor in anchors.chain(plain_name) {
                self.by_uri
                    .entry(format!("{}#{anchor}", node.base))
                    .or_insert_with(|| node.clone());
            }
            for (steps, _) in keywords::subschemas(object) {
                pending.extend(self.child(&node, &steps));
            }
        }
    }
}

/// Whether some reference names a document of json-schema.org: the validator knows its meta-schemas without being given them.
fn refers_to_a_meta_schema(document: &Value) -> bool {
    let mut pending = vec![document];
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(list) => pending.extend(list),
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref")
                    && reference.contains("//json-schema.org/draft")
                {
                    return true;
                }
                pending.extend(object.values());
            }
            _ => {}
        }
    }
    false
}

/// The meta-schemas of a dialect, by URI.
fn meta_schemas(draft: Draft) -> Vec<(&'static str, &'static Value)> {
    use referencing::meta;
    match draft {
        Draft::Draft4 => vec![("http://json-schema.org/draft-04/schema#", &meta::DRAFT4)],
        Draft::Draft6 => vec![("http://json-schema.org/draft-06/schema#", &meta::DRAFT6)],
        Draft::Draft7 => vec![("http://json-schema.org/draft-07/schema#", &meta::DRAFT7)],
        Draft::Draft201909 => vec![
            (
                "https://json-schema.org/draft/2019-09/schema",
                &meta::DRAFT201909,
            ),
            (
                "https://json-schema.org/draft/2019-09/meta/applicator",
                &meta::DRAFT201909_APPLICATOR,
            ),
            (
                "https://json-schema.org/draft/2019-09/meta/content",
                &meta::DRAFT201909_CONTENT,
            ),
            (
                "https://json-schema.org/draft/2019-09/meta/core",
                &meta::DRAFT201909_CORE,
            ),
            (
                "https://json-schema.org/draft/2019-09/meta/format",
                &meta::DRAFT201909_FORMAT,
            ),
            (
                "https://json-schema.org/draft/2019-09/meta/meta-data",
                &meta::DRAFT201909_META_DATA,
            ),
            (
                "https://json-schema.org/draft/2019-09/meta/validation",
                &meta::DRAFT201909_VALIDATION,
            ),
        ],
        _ => vec![
            (
                "https://json-schema.org/draft/2020-12/schema",
                &meta::DRAFT202012,
            ),
            (
                "https://json-schema.org/draft/2020-12/meta/applicator",
                &meta::DRAFT202012_APPLICATOR,
            ),
            (
                "https://json-schema.org/draft/2020-12/meta/content",
                &meta::DRAFT202012_CONTENT,
            ),
            (
                "https://json-schema.org/draft/2020-12/meta/core",
                &meta::DRAFT202012_CORE,
            ),
            (
                "https://json-schema.org/draft/2020-12/meta/format-annotation",
                &meta::DRAFT202012_FORMAT_ANNOTATION,
            ),
            (
                "https://json-schema.org/draft/2020-12/meta/meta-data",
                &meta::DRAFT202012_META_DATA,
            ),
            (
                "https://json-schema.org/draft/2020-12/meta/unevaluated",
                &meta::DRAFT202012_UNEVALUATED,
            ),
            (
                "https://json-schema.org/draft/2020-12/meta/validation",
                &meta::DRAFT202012_VALIDATION,
            ),
        ],
    }
}

/// One segment into a value.
pub(super) fn step<'a>(value: &'a Value, segment: &str) -> Option<&'a Value> {
    match value {
        Value::Object(object) => object.get(segment),
        Value::Array(list) => list.get(segment.parse::<usize>().ok()?),
        _ => None,
    }
}

fn without_fragment(uri: &str) -> &str {
    uri.split_once('#').map_or(uri, |(before, _)| before)
}

/// RFC 3986 §5.2 for the forms that schemas use: absolute, network path, absolute path, relative path.
fn join(base: &str, reference: &str) -> String {
    if reference.is_empty() {
        return base.to_owned();
    }
    if scheme(reference).is_some() {
        return reference.to_owned();
    }
    let scheme_end = scheme(base).map_or(0, |scheme| scheme.len() + 1);
    let (scheme, rest) = base.split_at_checked(scheme_end).unwrap_or(("", base));
    if reference.starts_with("//") {
        return format!("{scheme}{reference}");
    }
    let (authority, path) = match rest.strip_prefix("//") {
        Some(after) => {
            let (host, path) = after
                .find('/')
                .and_then(|at| after.split_at_checked(at))
                .unwrap_or((after, ""));
            (format!("//{host}"), path)
        }
        None => (String::new(), rest),
    };
    let merged = if reference.starts_with('/') {
        reference.to_owned()
    } else {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{reference}")
    };
    let mut segments: Vec<&str> = Vec::new();
    for segment in merged.split('/') {
        match segment {
            "." => {}
            ".." => {
                if segments.len() > 1 {
                    segments.pop();
                }
            }
            other => segments.push(other),
        }
    }
    format!("{scheme}{authority}{}", segments.join("/"))
}

fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let mut letters = scheme.chars();
    (letters.next()?.is_ascii_alphabetic()
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
    .then_some(scheme)
}

/// Percent-decodes a fragment; `None` when it is not UTF-8 afterwards.
fn decode(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|b| char::from(b).to_digit(16));
                u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_join_their_base() {
        for (base, reference, joined) in [
            ("http://a/b/c", "", "http://a/b/c"),
            ("http://a/b/c", "d", "http://a/b/d"),
            ("http://a/b/c", "/d", "http://a/d"),
            ("http://a/b/c", "../d", "http://a/d"),
            ("http://a/b/c", "./d/../e", "http://a/b/e"),
            ("http://a/b/c", "//z/d", "http://z/d"),
            ("http://a/b/c", "urn:x:y", "urn:x:y"),
            ("http://a", "d", "http://a/d"),
            (NAMELESS, "d.json", "json-schema:///d.json"),
        ] {
            assert_eq!(join(base, reference), joined, "{base} + {reference}");
        }
    }

    #[test]
    fn a_reference_is_followed_by_pointer_anchor_and_uri() {
        let schema = serde_json::json!({
            "$id": "https://example.org/root",
            "$defs": {
                "a b": {"type": "null"},
                "named": {"$anchor": "here", "const": 1},
                "own": {"$id": "inner", "$defs": {"x": {"const": 2}}, "$ref": "#/$defs/x"}
            }
        });
        let references = BTreeMap::from([(
            "https://example.org/other".to_owned(),
            serde_json::json!({"items": {"const": 3}}),
        )]);
        let side = Side {
            schema: &schema,
            references: &references,
            draft: None,
        };
        let documents = Documents::new(&side, Draft::Draft202012);
        let root = documents.root();
        let found = |reference: &str| {
            documents
                .resolve(&root, reference)
                .map(|node| (node.value.to_string(), node.pointer))
        };
        assert_eq!(
            found("#/$defs/a%20b"),
            Some(("{\"type\":\"null\"}".into(), "/$defs/a b".into()))
        );
        assert_eq!(found("#here").unwrap().1, "/$defs/named");
        assert_eq!(found("inner#/$defs/x").unwrap().0, "{\"const\":2}");
        assert_eq!(
            found("other#/items"),
            Some(("{\"const\":3}".into(), "/$ref".into()))
        );
        assert_eq!(found("nowhere"), None);
        let inner = documents.child(&root, "/$defs/own").unwrap();
        assert_eq!(
            documents.resolve(&inner, "#/$defs/x").unwrap().pointer,
            "/$defs/own/$defs/x"
        );
    }
}
