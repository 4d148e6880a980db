//! Media types: which the client accepts, and which it sends.

use plimsoll_db::rest::plan::Output;

use crate::error::ApiError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    /// `application/vnd.pgrst.array+json;nulls=stripped`
    ArrayWithoutNulls,
    /// `application/vnd.pgrst.object+json`
    Object,
    ObjectWithoutNulls,
    Csv,
    OpenApi,
    Form,
    Text,
    Xml,
    Bytes,
    Any,
    Other(String),
}

impl Media {
    /// Parameters other than `nulls=stripped` of our own types say nothing to us.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        let essence = parts.next().unwrap_or_default();
        let stripped = parts.any(|parameter| parameter == "nulls=stripped");
        match essence.as_str() {
            "application/json" => Self::Json,
            "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" if stripped => Self::ArrayWithoutNulls,
            "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => Self::Json,
            "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" if stripped => {
                Self::ObjectWithoutNulls
            }
            "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => Self::Object,
            "text/csv" => Self::Csv,
            "application/openapi+json" => Self::OpenApi,
            "application/x-www-form-urlencoded" => Self::Form,
            "text/plain" => Self::Text,
            "text/xml" => Self::Xml,
            "application/octet-stream" => Self::Bytes,
            "*/*" | "" => Self::Any,
            _ => Self::Other(essence),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Json => "application/json",
            Self::ArrayWithoutNulls => "application/vnd.pgrst.array+json;nulls=stripped",
            Self::Object => "application/vnd.pgrst.object+json",
            Self::ObjectWithoutNulls => "application/vnd.pgrst.object+json;nulls=stripped",
            Self::Csv => "text/csv",
            Self::OpenApi => "application/openapi+json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Text => "text/plain",
            Self::Xml => "text/xml",
            Self::Bytes => "application/octet-stream",
            Self::Any => "*/*",
            Self::Other(name) => name,
        }
    }

    /// For `Content-Type` of a reply.
    pub(crate) fn content_type(&self) -> String {
        format!("{}; charset=utf-8", self.name())
    }
}

/// The form of a result, and whether it must be exactly one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Negotiated {
    pub(crate) media: Media,
    pub(crate) output: Output,
    pub(crate) singular: bool,
}

/// The first of `accepted` that a result can have.
pub(crate) fn negotiate(accepted: &[Media]) -> Result<Negotiated, ApiError> {
    let form = |media: &Media| {
        let output = match media {
            Media::Json | Media::Any => Output::Json,
            Media::ArrayWithoutNulls => Output::JsonWithoutNulls,
            Media::Object => Output::Object,
            Media::ObjectWithoutNulls => Output::ObjectWithoutNulls,
            Media::Csv => Output::Csv,
            _ => return None,
        };
        let media = if *media == Media::Any { Media::Json } else { media.clone() };
        let singular = matches!(output, Output::Object | Output::ObjectWithoutNulls);
        Some(Negotiated { media, output, singular })
    };
    accepted.iter().find_map(form).ok_or_else(|| refuse(accepted))
}

/// Whether the description of the schema is among what is accepted.
pub(crate) fn accepts_description(accepted: &[Media]) -> Result<(), ApiError> {
    let found = accepted.iter().any(|media| matches!(media, Media::OpenApi | Media::Json | Media::Any));
    if found { Ok(()) } else { Err(refuse(accepted)) }
}

fn refuse(accepted: &[Media]) -> ApiError {
    let names: Vec<_> = accepted.iter().map(|media| media.name().to_owned()).collect();
    ApiError::not_acceptable(&names)
}

/// The types of an `Accept` header, the dearest first: by quality, then by how exact they are.
pub(crate) fn accepted(header: &str) -> Vec<Media> {
    let mut ranked: Vec<(f32, i32, Media)> = header
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let quality = part.split(';').skip(1).find_map(|parameter| {
                let parameter = parameter.trim();
                parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="))?.trim().parse().ok()
            });
            let exact = i32::try_from(part.matches(';').count()).unwrap_or(i32::MAX) - i32::from(quality.is_some());
            let stars = i32::try_from(part.matches('*').count()).unwrap_or(i32::MAX);
            (quality.unwrap_or(1.0_f32), exact.saturating_sub(stars), Media::parse(part))
        })
        .filter(|(quality, ..)| *quality > 0.0)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    ranked.into_iter().map(|(_, _, media)| media).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(header: &str) -> Result<&'static str, serde_json::Value> {
        negotiate(&accepted(header))
            .map(|found| match found.output {
                Output::Json => "json",
                Output::JsonWithoutNulls => "json without nulls",
                Output::Object => "object",
                Output::ObjectWithoutNulls => "object without nulls",
                Output::Csv => "csv",
                _ => "other",
            })
            .map_err(|error| error.json()["message"].clone())
    }

    #[test]
    fn takes_the_dearest_that_there_is() {
        for (header, expected) in [
            ("*/*", "json"),
            ("application/json", "json"),
            ("application/json; charset=utf-8", "json"),
            ("APPLICATION/JSON", "json"),
            ("text/csv", "csv"),
            ("text/csv;q=0.1, application/json", "json"),
            ("*/*, text/csv", "csv"),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
            ("text/unknown, text/csv", "csv"),
            ("application/vnd.pgrst.object+json", "object"),
            ("application/vnd.pgrst.object", "object"),
            ("application/vnd.pgrst.object+json; nulls=stripped", "object without nulls"),
            ("application/vnd.pgrst.array+json;nulls=stripped", "json without nulls"),
            ("application/vnd.pgrst.array+json", "json"),
            ("application/json;q=0, text/csv;q=0.5", "csv"),
        ] {
            assert_eq!(chosen(header), Ok(expected), "{header}");
        }
    }

    #[test]
    fn names_what_there_is_not() {
        for (header, asked) in [
            ("text/unknown", "text/unknown"),
            ("image/png;q=0.5, text/plain;x=y", "text/plain, image/png"),
            ("application/vnd.pgrst.plan+json", "application/vnd.pgrst.plan+json"),
        ] {
            assert_eq!(chosen(header), Err(format!("None of these media types are available: {asked}").into()));
        }
        assert!(accepts_description(&accepted("text/csv")).is_err());
        assert!(accepts_description(&accepted("application/openapi+json")).is_ok());
    }
}
