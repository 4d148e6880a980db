//! Which function a call means, and with which arguments.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use plimsoll_db::rest::catalogue::{Function, Shape, Volatility};
use plimsoll_db::rest::plan::{Action, Arguments, Call, Checks, Output, Statement};

use super::read::{Rows, tree};
use super::{Origin, Planned, Reply, ReplyKind, Scope};
use crate::body::{self, Body};
use crate::error::ApiError;
use crate::media::{Media, Negotiated, negotiate};
use crate::nearest::{AMONG_ALL, AMONG_FEW, nearest};
use crate::preferences::Relevant;
use crate::request::Request;

/// `reads` is whether a GET is a HEAD; `None` for POST.
pub(super) fn plan(scope: Scope<'_>, request: &Request, name: &str, reads: Option<bool>) -> Result<Planned, ApiError> {
    let given = Given::read(request, reads.is_some())?;
    let function = given.find(scope, name)?;
    let returned = returned(scope, function);
    let read = tree(scope, returned, &request.query, Rows::Chosen(request.range))?;
    let Negotiated { media, output, singular } = negotiate(&request.accepted)?;
    request.preferences.check()?;
    let max_affected = request.preferences.affected_limit();
    if max_affected.is_some() && !function.result.set {
        let message = "Function must return SETOF or TABLE when max-affected preference is used with handling=strict";
        return Err(ApiError::bad_request("PGRST128", message));
    }
    let head = reads == Some(true);
    let void = matches!(function.result.shape, Shape::Void);
    let columns = match &function.result.shape {
        Shape::Row { columns, .. } => read.columns(columns),
        Shape::Void | Shape::Scalar { .. } | Shape::Record => None,
    };
    let statement = Statement {
        action: Action::Call(Call { function: function.clone(), arguments: given.arguments(function), read }),
        output: if head || void { Output::Nothing } else { output },
        count: request.preferences.count,
        read_only: reads.is_some() || function.volatility != Volatility::Volatile,
        checks: Checks { singular: singular && !void, max_affected },
        columns,
    };
    let relevant = Relevant { max_affected: true, ..Relevant::default() };
    Ok(Planned { statement, reply: Reply { kind: ReplyKind::Call { head, void }, media, relevant } })
}

/// `Allow` for the functions of this name.
pub(crate) fn allowed(scope: Scope<'_>, name: &str) -> Result<&'static str, ApiError> {
    let functions = scope.catalogue.functions.get(&scope.name(name)).map(Vec::as_slice).unwrap_or_default();
    if functions.is_empty() {
        return Err(Given::Query(Vec::new()).not_found(scope, name, &[]));
    }
    let reads = functions.iter().any(|function| function.volatility != Volatility::Volatile);
    Ok(if reads { "OPTIONS,GET,HEAD,POST" } else { "OPTIONS,POST" })
}

/// What its rows are selected and filtered as.
fn returned<'a>(scope: Scope<'_>, function: &'a Function) -> Origin<'a> {
    let Shape::Row { columns, relation } = &function.result.shape else {
        return Origin { name: &function.name.name, relation: None, columns: &[] };
    };
    let relation = relation.as_ref().filter(|relation| relation.schema == scope.schema);
    Origin { name: relation.map_or(&function.name.name, |relation| &relation.name), relation, columns }
}

/// The arguments as the request gives them.
enum Given {
    /// Of a GET or HEAD.
    Query(Vec<(String, String)>),
    Form(Vec<(String, String)>),
    Json {
        json: body::Json,
        names: BTreeSet<String>,
        media: Media,
    },
    Whole {
        bytes: Vec<u8>,
        media: Media,
    },
}

impl Given {
    fn read(request: &Request, by_query: bool) -> Result<Self, ApiError> {
        if by_query {
            return Ok(Self::Query(request.query.arguments.clone()));
        }
        let (media, columns) = (request.sent.clone(), request.query.columns.as_ref());
        Ok(match body::arguments(&media, &request.body, columns.is_some())? {
            Body::Form(pairs) => Self::Form(pairs),
            Body::Whole(bytes) => Self::Whole { bytes: bytes.to_vec(), media },
            Body::Json(json) => {
                let names = columns.map_or_else(|| json.keys.clone(), |columns| columns.iter().cloned().collect());
                Self::Json { json, names, media }
            }
        })
    }

    fn names(&self) -> BTreeSet<&str> {
        match self {
            Self::Query(pairs) | Self::Form(pairs) => pairs.iter().map(|(name, _)| name.as_str()).collect(),
            Self::Json { names, .. } => names.iter().map(String::as_str).collect(),
            Self::Whole { .. } => BTreeSet::new(),
        }
    }

    /// The one function of that name that takes these arguments.
    fn find<'a>(&self, scope: Scope<'a>, name: &str) -> Result<&'a Function, ApiError> {
        let overloads = scope.catalogue.functions.get(&scope.name(name)).map(Vec::as_slice).unwrap_or_default();
        let names = self.names();
        let named: Vec<_> = overloads.iter().filter(|function| self.fits(function, &names)).collect();
        let candidates = if named.is_empty() {
            overloads.iter().filter(|function| self.fits_whole(function)).collect()
        } else {
            named
        };
        match candidates.as_slice() {
            [] => Err(self.not_found(scope, name, overloads)),
            [one] => Ok(one),
            several => Err(ambiguous(several)),
        }
    }

    /// All required arguments are given, and nothing that is no argument.
    fn fits(&self, function: &Function, names: &BTreeSet<&str>) -> bool {
        if function.arguments.is_empty() {
            return names.is_empty() && !matches!(self, Self::Whole { .. });
        }
        let is_argument = |name: &&str| function.arguments.iter().any(|argument| argument.name == **name);
        names.iter().all(is_argument)
            && function.arguments.iter().all(|argument| !argument.required || names.contains(argument.name.as_str()))
    }

    /// It takes the whole body as its one unnamed argument.
    fn fits_whole(&self, function: &Function) -> bool {
        let [argument] = function.arguments.as_slice() else { return false };
        let media = match self {
            Self::Json { media, .. } | Self::Whole { media, .. } => media,
            Self::Query(_) | Self::Form(_) => return false,
        };
        let fits = match argument.type_name.as_str() {
            "json" | "jsonb" => *media == Media::Json,
            "text" => *media == Media::Text,
            "xml" => *media == Media::Xml,
            "bytea" => *media == Media::Bytes,
            _ => false,
        };
        argument.name.is_empty() && fits
    }

    fn arguments(self, function: &Function) -> Arguments {
        if function.arguments.is_empty() {
            return Arguments::None;
        }
        let takes_whole = matches!(function.arguments.as_slice(), [argument] if argument.name.is_empty());
        match self {
            Self::Whole { bytes, .. } => Arguments::Body(bytes),
            Self::Json { json, .. } if takes_whole => Arguments::Body(json.text.into_bytes()),
            Self::Json { json, names, .. } => {
                Arguments::Json { json: body::first_object(&json), names: names.into_iter().collect() }
            }
            Self::Query(pairs) | Self::Form(pairs) => Arguments::Text(texts(function, pairs)),
        }
    }

    fn not_found(&self, scope: Scope<'_>, name: &str, overloads: &[Function]) -> ApiError {
        let function = format!("{}.{name}", scope.schema);
        let names: Vec<_> = self.names().into_iter().collect();
        let listed = names.join(", ");
        let (in_message, in_details) = match names.len() {
            0 => (" without parameters".to_owned(), " without parameters".to_owned()),
            1 => (format!("({listed})"), format!(" with parameter {listed}")),
            _ => (format!("({listed})"), format!(" with parameters {listed}")),
        };
        let (in_message, in_details, may_hint) = match self {
            Self::Whole { media, .. } => {
                let type_name = match media {
                    Media::Xml => "xml",
                    Media::Bytes => "bytea",
                    _ => "text",
                };
                (String::new(), format!(" with a single unnamed {type_name} parameter"), false)
            }
            Self::Json { media: Media::Json, .. } => {
                (in_message, format!("{in_details} or with a single unnamed json/jsonb parameter"), true)
            }
            Self::Json { .. } | Self::Form(_) | Self::Query(_) => (in_message, in_details, true),
        };
        let hint = if may_hint { hint(scope, name, &names, overloads) } else { None };
        ApiError::new(
            StatusCode::NOT_FOUND,
            "PGRST202",
            format!("Could not find the function {function}{in_message} in the schema cache"),
        )
        .details(format!(
            "Searched for the function {function}{in_details}, but no matches were found in the schema cache."
        ))
        .hint(hint)
        .perhaps_stale()
    }
}

/// By name; of what is given more than once the last counts, but for a variadic argument all.
fn texts(function: &Function, pairs: Vec<(String, String)>) -> Vec<(String, Vec<String>)> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        let variadic = function.arguments.iter().any(|argument| argument.variadic && argument.name == name);
        let given = values.entry(name).or_default();
        if !variadic {
            given.clear();
        }
        given.push(value);
    }
    values.into_iter().collect()
}

fn ambiguous(functions: &[&Function]) -> ApiError {
    let signature = |function: &&Function| {
        let arguments: Vec<_> =
            function.arguments.iter().map(|argument| format!("{} => {}", argument.name, argument.type_name)).collect();
        format!("{}.{}({})", function.name.schema, function.name.name, arguments.join(", "))
    };
    let signatures: Vec<_> = functions.iter().map(signature).collect();
    ApiError::new(
        StatusCode::MULTIPLE_CHOICES,
        "PGRST203",
        format!("Could not choose the best candidate function between: {}", signatures.join(", ")),
    )
    .hint("Try renaming the parameters or the function itself in the database so function overloading can be resolved")
}

/// The nearest function, or of functions of that name the nearest arguments; none that is closed to the caller.
fn hint(scope: Scope<'_>, name: &str, names: &[&str], overloads: &[Function]) -> Option<String> {
    let is_open = |function: &Function| function.open_to.iter().any(|role| role == scope.role);
    let found = if overloads.is_empty() {
        let functions = scope.catalogue.functions.iter();
        let open = functions
            .filter(|(name, overloads)| name.schema == scope.schema && overloads.iter().any(is_open))
            .map(|(name, _)| name.name.as_str());
        nearest(name, open, AMONG_ALL)?.0.to_owned()
    } else {
        let listed = |mut names: Vec<&str>| {
            names.sort_unstable();
            format!("({})", names.join(", "))
        };
        let open = overloads.iter().filter(|function| is_open(function));
        let signatures: Vec<_> = open
            .map(|function| listed(function.arguments.iter().map(|argument| argument.name.as_str()).collect()))
            .collect();
        let (found, _) = nearest(&listed(names.to_vec()), signatures.iter().map(String::as_str), AMONG_FEW)?;
        format!("{name}{found}")
    };
    Some(format!("Perhaps you meant to call the function {}.{found}", scope.schema))
}
