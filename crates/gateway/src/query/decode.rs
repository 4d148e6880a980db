//! Percent encoding of query strings and forms.

use std::fmt::Write;

use crate::error::ApiError;

/// The pairs of a query string or form, in order. A name without `=` has no value.
pub(crate) fn pairs(raw: &str) -> Result<Vec<(String, Option<String>)>, ApiError> {
    raw.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.split_once('=') {
            Some((key, value)) => Ok((decode(key, true)?, Some(decode(value, true)?))),
            None => Ok((decode(pair, true)?, None)),
        })
        .collect()
}

/// The text that `raw` encodes, which must be UTF-8 without NUL, as PostgreSQL's is.
pub(crate) fn decode(raw: &str, plus_is_blank: bool) -> Result<String, ApiError> {
    let refuse = |details: &str| {
        Err(ApiError::bad_request("PGRST100", "failed to decode the URL").details(format!("{details} in \"{raw}\"")))
    };
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'+' if plus_is_blank => decoded.push(b' '),
            b'%' => {
                let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
                let (Some(high), Some(low)) = (digit(at), digit(at + 1)) else {
                    return refuse("a \"%\" without two hexadecimal digits; a percent sign is written \"%25\",");
                };
                decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 2;
            }
            other => decoded.push(other),
        }
    }
    match String::from_utf8(decoded) {
        Ok(text) if !text.contains('\0') => Ok(text),
        Ok(_) => refuse("a NUL character"),
        Err(_) => refuse("bytes that are not UTF-8"),
    }
}

/// Everything but letters, digits and `-._~` as `%XX`.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
