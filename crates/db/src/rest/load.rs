//! Reads the [`Catalogue`] from the system tables, as the server's login role.

mod computed;
mod keys;

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use self::computed::{COMPUTED, computed};
use self::keys::{FOREIGN_KEYS, PRIMARY_KEYS, VIEWS, Views};
use super::catalogue::{
    Argument, Catalogue, Column, Function, FunctionResult, Name, Relation, RelationKind, Shape, Volatility,
};
use crate::pool::Param;
use crate::{Db, DbError, Result};

/// Columns of the row type `owner` as JSON, each as [`ColumnRow`] reads it. Both queries below hold it in the same words.
const RELATIONS: &str = "
    with recursive below (domain, base) as (
      select oid, typbasetype from pg_type where typtype = 'd'
      union all
      select b.domain, t.typbasetype from below b join pg_type t on t.oid = b.base and t.typtype = 'd'),
    bases as (select domain, base from below where not exists (
      select from pg_type t where t.oid = below.base and t.typtype = 'd')),
    columns as (
      select a.attrelid as owner, json_agg(json_build_object(
        'name', a.attname,
        'type_name', format_type(a.atttypid, a.atttypmod),
        'base_type', case when d.base is null then format_type(a.atttypid, a.atttypmod) else format_type(d.base, -1) end,
        'nullable', not a.attnotnull,
        'has_default', a.atthasdef or a.attidentity <> '',
        'generated', a.attgenerated <> '' or a.attidentity = 'a',
        'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e
                   where e.enumtypid = coalesce(d.base, a.atttypid)),
        'comment', col_description(a.attrelid, a.attnum)) order by a.attnum) as columns
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = any($1)
      left join bases d on d.domain = a.atttypid
      where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition
      group by a.attrelid)
    select n.nspname::text, c.relname::text, c.relkind::text, coalesce(k.columns, '[]'::json),
           array(select a.attname::text from pg_index i
                 cross join unnest(i.indkey::int2[]) with ordinality as key (attnum, place)
                 join pg_attribute a on a.attrelid = c.oid and a.attnum = key.attnum
                 where i.indrelid = c.oid and i.indisprimary and key.place <= i.indnkeyatts order by key.place),
           pg_relation_is_updatable(c.oid::regclass, true),
           obj_description(c.oid, 'pg_class'),
           array(select r.rolname::text from pg_roles r
                 where r.rolname in ('anon', 'authenticated', 'service_role')
                   and has_schema_privilege(r.oid, n.oid, 'usage')
                   and (has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')
                        or has_any_column_privilege(r.oid, c.oid, 'select, insert, update'))
                 order by r.rolname)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = any($1)
    left join columns k on k.owner = c.oid
    where c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition";

/// A row type may stand in any schema. A type in the system's own pseudo types has no rows and cannot be called for.
const FUNCTIONS: &str = "
    with recursive below (domain, base) as (
      select oid, typbasetype from pg_type where typtype = 'd'
      union all
      select b.domain, t.typbasetype from below b join pg_type t on t.oid = b.base and t.typtype = 'd'),
    bases as (select domain, base from below where not exists (
      select from pg_type t where t.oid = below.base and t.typtype = 'd'))
    select n.nspname::text, p.proname::text, p.provolatile::text, p.proretset,
           format_type(p.prorettype, -1), t.typtype::text, p.pronargs::int4, p.pronargdefaults::int4,
           (select json_agg(json_build_object(
              'name', coalesce(p.proargnames[arg.place], ''),
              'mode', coalesce(p.proargmodes[arg.place]::text, 'i'),
              'type_name', format_type(arg.type, -1),
              'base_type', format_type(coalesce(d.base, arg.type), -1),
              'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e
                         where e.enumtypid = coalesce(d.base, arg.type))) order by arg.place)
            from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as arg (type, place)
            left join bases d on d.domain = arg.type),
           case when t.typtype = 'c' then (select json_agg(json_build_object(
              'name', a.attname,
              'type_name', format_type(a.atttypid, a.atttypmod),
              'base_type', case when d.base is null then format_type(a.atttypid, a.atttypmod)
                                else format_type(d.base, -1) end,
              'nullable', not a.attnotnull,
              'has_default', a.atthasdef or a.attidentity <> '',
              'generated', a.attgenerated <> '' or a.attidentity = 'a',
              'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e
                         where e.enumtypid = coalesce(d.base, a.atttypid)),
              'comment', col_description(a.attrelid, a.attnum)) order by a.attnum)
            from pg_attribute a left join bases d on d.domain = a.atttypid
            where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) end,
           rn.nspname::text, rc.relname::text, rc.relkind::text,
           obj_description(p.oid, 'pg_proc'),
           array(select r.rolname::text from pg_roles r
                 where r.rolname in ('anon', 'authenticated', 'service_role')
                   and has_schema_privilege(r.oid, n.oid, 'usage') and has_function_privilege(r.oid, p.oid, 'execute')
                 order by r.rolname)
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace and n.nspname = any($1)
    left join bases b on b.domain = p.prorettype
    join pg_type t on t.oid = coalesce(b.base, p.prorettype)
    left join pg_class rc on rc.oid = t.typrelid
    left join pg_namespace rn on rn.oid = rc.relnamespace
    where p.prokind = 'f'
      and not (t.typtype = 'p' and t.typname in ('trigger', 'event_trigger', 'internal', 'language_handler',
                                                 'fdw_handler', 'index_am_handler', 'table_am_handler', 'tsm_handler'))
    order by n.nspname, p.proname, p.oid";

/// Reads the server's files of zones, so it is asked only when all is read.
const TIME_ZONES: &str = "select name from pg_timezone_names";

/// A row that is changed gets a greater `xmin` than it had, so counts and sums tell every change apart. The system's own
/// objects, below 16384, never change. Labels, types and descriptions count in every schema, since columns may use them, and
/// so do keys and the rules of views, which show through views that are exposed.
const FINGERPRINT: &str = "
    with schemas as materialized (
      select array_agg(oid) filter (where nspname = any($1)) as oids, array_agg(oid) as all_oids,
             concat_ws(':', count(*), sum(oid::int8), sum(xmin::text::int8)) as mark
      from pg_namespace where not starts_with(nspname, 'pg_')),
    relations as materialized (
      select oid, xmin::text::int8 as version from pg_class
      where oid >= 16384 and (relkind = 'c' or relnamespace = any((select oids from schemas)::oid[])))
    select concat_ws(' ',
      (select mark from schemas),
      (select concat_ws(':', count(*), sum(oid::int8), sum(version)) from relations),
      (select concat_ws(':', count(*), sum(oid::int8), sum(xmin::text::int8)) from pg_proc
       where oid >= 16384 and pronamespace = any((select oids from schemas)::oid[])),
      (select concat_ws(':', count(*), sum(a.xmin::text::int8)) from pg_attribute a
       where a.attrelid >= 16384 and a.attrelid in (select oid from relations)),
      (select concat_ws(':', count(*), sum(oid::int8), sum(xmin::text::int8)) from pg_constraint
       where oid >= 16384 and connamespace = any((select all_oids from schemas)::oid[])),
      (select concat_ws(':', count(*), sum(i.indexrelid::int8), sum(i.xmin::text::int8)) from pg_index i
       where i.indexrelid >= 16384 and i.indrelid in (select oid from relations)),
      (select concat_ws(':', count(*), sum(xmin::text::int8)) from pg_description where objoid >= 16384),
      (select concat_ws(':', count(*), sum(oid::int8), sum(xmin::text::int8)) from pg_type
       where oid >= 16384 and typtype <> 'c' and typcategory <> 'A'),
      (select concat_ws(':', count(*), sum(oid::int8), sum(xmin::text::int8)) from pg_enum),
      (select concat_ws(':', count(*), sum(xmin::text::int8)) from pg_rewrite where oid >= 16384),
      (select concat_ws(':', count(*), sum(xmin::text::int8)) from pg_trigger where oid >= 16384),
      (select concat_ws(':', count(*), sum(xmin::text::int8)) from pg_auth_members),
      (select string_agg(oid::text || case when rolsuper then '*' else '' end, ',' order by oid) from pg_roles
       where rolname in ('anon', 'authenticated', 'service_role')))";

impl Db {
    /// Reads what is exposed in `schemas`, the default first.
    pub async fn rest_catalogue(&self, schemas: &[String]) -> Result<Catalogue> {
        // Taken first: a change in between makes it stale, so the next look at it reads everything again.
        let fingerprint = self.rest_fingerprint(schemas).await?;
        let client = self.connection().await?;
        let params: [Param<'_>; 1] = [(&schemas, Type::TEXT_ARRAY)];
        // With nothing on the path but the system's own, `format_type` qualifies every other type.
        let (begun, relations, functions, foreign_keys, primary_keys, views, computed_rows, zones, ended) = futures::join!(
            client.batch_execute("begin read only; set local search_path = ''"),
            client.query_typed(RELATIONS, &params),
            client.query_typed(FUNCTIONS, &params),
            client.query_typed(FOREIGN_KEYS, &params),
            client.query_typed(PRIMARY_KEYS, &[]),
            client.query_typed(VIEWS, &params),
            client.query_typed(COMPUTED, &params),
            client.query_typed(TIME_ZONES, &[]),
            client.batch_execute("commit"),
        );
        begun?;
        let (relations, functions, zones) = (relations?, functions?, zones?);
        let (foreign_keys, primary_keys, views) = (foreign_keys?, primary_keys?, Views::read(&views?)?);
        let computed = computed_rows?.iter().map(computed).collect::<Result<_>>()?;
        ended?;
        let mut relations: HashMap<Name, Relation> = relations
            .iter()
            .map(|row| relation(row).map(|relation| (relation.name.clone(), relation)))
            .collect::<Result<_>>()?;
        for (view, primary_key) in views.primary_keys(&primary_keys)? {
            if let Some(relation) = relations.get_mut(view) {
                relation.primary_key = primary_key;
            }
        }
        let mut by_name: HashMap<Name, Vec<Function>> = HashMap::new();
        for row in &functions {
            if let Some(function) = function(row)? {
                by_name.entry(function.name.clone()).or_default().push(function);
            }
        }
        let foreign_keys: Vec<_> = foreign_keys.iter().map(|row| views.foreign_keys(row)).collect::<Result<_>>()?;
        let foreign_keys = foreign_keys.into_iter().flatten().collect();
        let time_zones = zones.iter().map(|row| row.try_get(0)).collect::<std::result::Result<_, _>>()?;
        let schemas = schemas.to_vec();
        Ok(Catalogue { schemas, relations, functions: by_name, foreign_keys, computed, time_zones, fingerprint })
    }

    /// Changes whenever [`Db::rest_catalogue`] would answer something else; cheap enough to ask often.
    pub async fn rest_fingerprint(&self, schemas: &[String]) -> Result<String> {
        let row = self.query_one_as_server(FINGERPRINT, &[(&schemas, Type::TEXT_ARRAY)]).await?;
        Ok(row.try_get(0)?)
    }
}

#[derive(Deserialize)]
struct ColumnRow {
    name: String,
    type_name: String,
    base_type: String,
    nullable: bool,
    has_default: bool,
    generated: bool,
    labels: Option<Vec<String>>,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct ArgumentRow {
    name: String,
    mode: String,
    type_name: String,
    base_type: String,
    labels: Option<Vec<String>>,
}

fn relation(row: &Row) -> Result<Relation> {
    let kind: String = row.try_get(2)?;
    let kind = match kind.as_str() {
        "v" => RelationKind::View,
        "m" => RelationKind::MaterializedView,
        _ => RelationKind::Table,
    };
    // Bits by the numbers of PostgreSQL's commands: update 2, insert 3, delete 4.
    let events: i32 = row.try_get(5)?;
    Ok(Relation {
        name: name(row, 0)?,
        kind,
        columns: columns(row.try_get(3)?)?,
        primary_key: row.try_get(4)?,
        insertable: events & (1 << 3) != 0,
        updatable: events & (1 << 2) != 0,
        deletable: events & (1 << 4) != 0,
        comment: row.try_get(6)?,
        open_to: row.try_get(7)?,
    })
}

/// `None` where its arguments cannot be given by name, nor the whole body as the only one.
fn function(row: &Row) -> Result<Option<Function>> {
    let volatility: String = row.try_get(2)?;
    let (given, defaults): (i32, i32) = (row.try_get(6)?, row.try_get(7)?);
    let arguments: Option<Value> = row.try_get(8)?;
    let all: Vec<ArgumentRow> = arguments.map_or_else(|| Ok(Vec::new()), decode)?;
    let required = given - defaults;
    let inputs = all.iter().filter(|argument| matches!(argument.mode.as_str(), "i" | "b" | "v"));
    let arguments: Vec<Argument> = (0..)
        .zip(inputs)
        .map(|(place, argument)| Argument {
            name: argument.name.clone(),
            type_name: argument.type_name.clone(),
            required: place < required,
            variadic: argument.mode == "v",
        })
        .collect();
    let takes_body = matches!(arguments.as_slice(), [only] if takes_body(only));
    if !takes_body && arguments.iter().any(|argument| argument.name.is_empty()) {
        return Ok(None);
    }
    let volatility = match volatility.as_str() {
        "i" => Volatility::Immutable,
        "s" => Volatility::Stable,
        _ => Volatility::Volatile,
    };
    Ok(Some(Function {
        name: name(row, 0)?,
        arguments,
        result: FunctionResult { set: row.try_get(3)?, shape: shape(row, &all)? },
        volatility,
        comment: row.try_get(13)?,
        open_to: row.try_get(14)?,
    }))
}

fn takes_body(argument: &Argument) -> bool {
    argument.name.is_empty()
        && !argument.variadic
        && matches!(argument.type_name.as_str(), "json" | "jsonb" | "text" | "xml" | "bytea")
}

fn shape(row: &Row, arguments: &[ArgumentRow]) -> Result<Shape> {
    let (type_name, kind): (String, String) = (row.try_get(4)?, row.try_get(5)?);
    let outputs = arguments.iter().filter(|argument| matches!(argument.mode.as_str(), "o" | "b" | "t"));
    let columns_out: Vec<Column> = (1..)
        .zip(outputs)
        .map(|(place, argument)| Column {
            // As PostgreSQL calls what has no name.
            name: if argument.name.is_empty() { format!("column{place}") } else { argument.name.clone() },
            type_name: argument.type_name.clone(),
            base_type: argument.base_type.clone(),
            nullable: true,
            has_default: false,
            generated: false,
            labels: argument.labels.clone().unwrap_or_default(),
            comment: None,
        })
        .collect();
    if !columns_out.is_empty() {
        return Ok(Shape::Row { columns: columns_out, relation: None });
    }
    Ok(match (kind.as_str(), type_name.as_str()) {
        ("c", _) => {
            let relation_kind: String = row.try_get(12)?;
            let is_relation = relation_kind != "c";
            Shape::Row {
                columns: columns(row.try_get::<_, Option<Value>>(9)?.unwrap_or_else(|| Value::Array(Vec::new())))?,
                relation: if is_relation { Some(name(row, 10)?) } else { None },
            }
        }
        ("p", "void") => Shape::Void,
        ("p", "record") => Shape::Record,
        _ => Shape::Scalar { type_name },
    })
}

fn columns(json: Value) -> Result<Vec<Column>> {
    let rows: Vec<ColumnRow> = decode(json)?;
    let column = |row: ColumnRow| Column {
        name: row.name,
        type_name: row.type_name,
        base_type: row.base_type,
        nullable: row.nullable,
        has_default: row.has_default,
        generated: row.generated,
        labels: row.labels.unwrap_or_default(),
        comment: row.comment,
    };
    Ok(rows.into_iter().map(column).collect())
}

fn decode<T: serde::de::DeserializeOwned>(json: Value) -> Result<T> {
    serde_json::from_value(json).map_err(|error| DbError::Decode(format!("the catalogue: {error}")))
}

/// A schema and a name in two columns.
fn name(row: &Row, at: usize) -> Result<Name> {
    Ok(Name { schema: row.try_get(at)?, name: row.try_get(at + 1)? })
}
