//! SQL text under construction, with its parameters.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{Format, IsNull, ToSql, Type};

use super::MOST_PARAMETERS;
use crate::rest::RestError;
use crate::rest::catalogue::Name;

/// A parameter's value as the client sent it.
#[derive(Debug)]
pub(in crate::rest) enum Value {
    /// Text whose type PostgreSQL finds; checked by the server to be UTF-8 without zero bytes.
    Text(Vec<u8>),
    Bytea(Vec<u8>),
}

impl Value {
    fn declared_type(&self) -> Type {
        match self {
            Self::Text(_) => Type::UNKNOWN,
            Self::Bytea(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let (Self::Text(bytes) | Self::Bytea(bytes)) = self;
        out.put_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        match self {
            Self::Text(_) => Format::Text,
            Self::Bytea(_) => Format::Binary,
        }
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(ty, out)
    }
}

#[derive(Debug, Default)]
pub(in crate::rest) struct Sql {
    pub(in crate::rest) text: String,
    values: Vec<Value>,
    /// The first thing that cannot be said in SQL; the statement is not sent.
    refused: Option<(&'static str, String)>,
}

impl Sql {
    /// Text of ours, or of the catalogue.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn identifier(&mut self, name: &str) -> &mut Self {
        self.text.push('"');
        for c in name.chars() {
            if c == '"' {
                self.text.push('"');
            }
            self.text.push(c);
        }
        self.text.push('"');
        self
    }

    pub(super) fn name(&mut self, name: &Name) -> &mut Self {
        self.identifier(&name.schema).push(".").identifier(&name.name)
    }

    /// `alias.column`; the alias is quoted already.
    pub(super) fn column(&mut self, alias: &str, column: &str) -> &mut Self {
        self.push(alias).push(".").identifier(column)
    }

    /// A value of the client.
    pub(super) fn value(&mut self, value: impl Into<Vec<u8>>) -> &mut Self {
        self.parameter(Value::Text(value.into()))
    }

    pub(super) fn parameter(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        let number = self.values.len().to_string();
        self.push("$").push(&number)
    }

    /// A number of ours, which cannot be anything else.
    pub(super) fn number(&mut self, number: i64) -> &mut Self {
        self.push(&number.to_string())
    }

    /// Each of `items`, with `separator` in between.
    pub(super) fn list<T>(
        &mut self,
        separator: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                self.push(separator);
            }
            write(self, item);
        }
        self
    }

    /// A type that the client named, as in `select=price::text`: PostgreSQL's names of types are words of the grammar
    /// (`double precision`), so it cannot be quoted and is refused unless it can be nothing but a type.
    pub(super) fn client_type(&mut self, name: &str) -> &mut Self {
        if is_type_name(name) {
            self.push(name);
        } else {
            self.refuse("42601", format!("\"{name}\" is not the name of a type"));
        }
        self
    }

    pub(super) fn refuse(&mut self, code: &'static str, message: String) {
        self.refused.get_or_insert((code, message));
    }

    pub(super) fn refused(&self) -> Option<RestError> {
        let (code, message) = if let Some((code, message)) = &self.refused {
            (*code, message.clone())
        } else if self.text.contains('\0') {
            ("22021", "invalid byte sequence for encoding \"UTF8\": 0x00".to_owned())
        } else if self.values.len() > MOST_PARAMETERS {
            ("54023", format!("a request can have at most {MOST_PARAMETERS} values"))
        } else {
            return None;
        };
        Some(RestError::Database { code: code.to_owned(), message, details: None, hint: None })
    }

    pub(in crate::rest) fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values.iter().map(|value| (value as &(dyn ToSql + Sync), value.declared_type())).collect()
    }
}

/// Words and dots, then perhaps `(10, 2)`, more words (`with time zone`) and `[]`: nothing that could end a cast.
fn is_type_name(name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ' ');
    let base = {
        let mut base = name;
        while let Some(inner) = base.strip_suffix("[]") {
            base = inner;
        }
        base
    };
    let words = match base.split_once('(') {
        None => base.to_owned(),
        Some((before, rest)) => {
            let Some((digits, after)) = rest.split_once(')') else { return false };
            if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' ')) {
                return false;
            }
            format!("{before} {after}")
        }
    };
    words.starts_with(|c: char| c.is_alphabetic() || c == '_') && words.chars().all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_nothing_but_a_type() {
        for good in [
            "text",
            "int4",
            "double precision",
            "ops.build_status",
            "numeric(10, 2)",
            "text[]",
            "varchar(3)[][]",
            "timestamp(3) with time zone",
        ] {
            assert!(is_type_name(good), "{good}");
        }
        for bad in [
            "",
            " ",
            "1",
            "text)",
            "text) from pg_authid --",
            "text), (select 1",
            "int(1",
            "int()",
            "int(x)",
            "int(1)(2)",
            "\"a\"",
            "text;",
            "te'xt",
            "text--",
            "text/*",
            "a\\b",
            "$1",
            "text[1]",
        ] {
            assert!(!is_type_name(bad), "{bad}");
        }
    }

    #[test]
    fn identifiers_stay_within_their_quotes() {
        let mut sql = Sql::default();
        sql.identifier("a\" from pg_authid --").push(" ").identifier("\"\"");
        assert_eq!(sql.text, "\"a\"\" from pg_authid --\" \"\"\"\"\"\"");
        assert!(sql.refused().is_none());
        sql.identifier("a\0b");
        assert!(matches!(sql.refused(), Some(RestError::Database { code, .. }) if code == "22021"));
    }
}
