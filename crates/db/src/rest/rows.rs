//! Rows as PostgreSQL sends them, written as the JSON that its `json_agg` makes of them: byte for byte, for a fraction of
//! the time.

use std::error::Error;
use std::pin::pin;
use std::result::Result;

use futures::TryStreamExt;
use serde::Serialize;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Row, RowStream};
use uuid::Uuid;

use super::RestError;
use super::columns::ResultColumn;

/// PostgreSQL makes no text longer than this.
const MOST_BYTES: usize = 0x3fff_ffff;

/// What stands before each value of a row: `{"first":`, `,"second":`.
pub(super) struct Keys(Vec<Vec<u8>>);

impl Keys {
    pub(super) fn new(columns: &[ResultColumn]) -> Self {
        let key = |(place, column): (usize, &ResultColumn)| {
            let mut key = vec![if place == 0 { b'{' } else { b',' }];
            json(&mut key, &column.key);
            key.push(b':');
            key
        };
        Self(columns.iter().enumerate().map(key).collect())
    }

    /// The array of all `rows`, and how many they are.
    pub(super) async fn array(&self, rows: RowStream) -> Result<(String, i64), RestError> {
        let (mut body, mut count) = (vec![b'['], 0);
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await? {
            if count > 0 {
                body.extend_from_slice(b", \n ");
            }
            count += 1;
            self.object(&row, &mut body)?;
        }
        body.push(b']');
        let body = String::from_utf8(body).map_err(|error| RestError::Unavailable(error.to_string()))?;
        Ok((body, count))
    }

    fn object(&self, row: &Row, body: &mut Vec<u8>) -> Result<(), RestError> {
        for (place, key) in self.0.iter().enumerate() {
            body.extend_from_slice(key);
            row.try_get::<_, Value<'_>>(place).map_err(|_| RestError::Changed)?.write(body);
        }
        body.push(b'}');
        if body.len() > MOST_BYTES {
            return Err(RestError::Database {
                code: "54000".into(),
                message: "the answer is longer than a text can be".into(),
                details: Some(format!("No more than {MOST_BYTES} bytes can be answered at once.")),
                hint: Some("Ask for fewer rows with limit, and for the rest with offset.".into()),
            });
        }
        Ok(())
    }
}

/// A value of one of the types that [`Sent::Plain`](super::columns::Sent) names, in PostgreSQL's binary form.
enum Value<'a> {
    Null,
    Bool(bool),
    Number(i64),
    Uuid(Uuid),
    Text(&'a str),
    Json(&'a [u8]),
}

impl<'a> FromSql<'a> for Value<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::BOOL => Self::Bool(bool::from_sql(ty, raw)?),
            Type::INT2 => Self::Number(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Self::Number(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Self::Number(i64::from_sql(ty, raw)?),
            Type::UUID => Self::Uuid(Uuid::from_sql(ty, raw)?),
            Type::JSON => Self::Json(raw),
            Type::JSONB => match raw {
                [1, json @ ..] => Self::Json(json),
                _ => return Err("jsonb is sent in a version that is not known".into()),
            },
            _ => Self::Text(std::str::from_utf8(raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::BOOL
                | Type::INT2
                | Type::INT4
                | Type::INT8
                | Type::UUID
                | Type::TEXT
                | Type::VARCHAR
                | Type::JSON
                | Type::JSONB
        )
    }
}

impl Value<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Number(value) => json(out, value),
            Self::Uuid(value) => {
                out.push(b'"');
                out.extend_from_slice(value.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
                out.push(b'"');
            }
            Self::Text(value) => json(out, value),
            Self::Json(value) => out.extend_from_slice(value),
        }
    }
}

fn json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("numbers and texts are JSON, and memory takes them");
}
