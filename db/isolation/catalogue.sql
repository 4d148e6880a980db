-- Every object of ours, as the isolation proof reads it, in one JSON document. search_path is empty: names come out qualified.
with ours as (
  select oid, nspname from pg_catalog.pg_namespace where nspname in ('registry', 'ops', 'metrics')
), relations as (
  select jsonb_build_object(
      'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'partition', c.relispartition,
      'columns', (
        select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'generated', a.attgenerated <> '' or a.attidentity = 'a') order by a.attnum), '[]')
        from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      'policies', (
        select coalesce(jsonb_agg(jsonb_build_object('name', p.polname, 'command', p.polcmd, 'using', p.polqual is not null,
          'check', p.polwithcheck is not null) order by p.polname), '[]')
        from pg_catalog.pg_policy p where p.polrelid = c.oid)) as object
  from pg_catalog.pg_class c join ours n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
  order by n.nspname, c.relname
), sequences as (
  select jsonb_build_object('schema', n.nspname, 'name', c.relname, 'identity', exists (
      select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid
        and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype = 'i')) as object
  from pg_catalog.pg_class c join ours n on n.oid = c.relnamespace
  where c.relkind = 'S'
  order by n.nspname, c.relname
), functions as (
  select jsonb_build_object(
      'schema', n.nspname, 'name', p.proname, 'signature', p.oid::regprocedure::text,
      'definer', p.prosecdef, 'trigger', p.prorettype = 'pg_catalog.trigger'::regtype, 'volatile', p.provolatile = 'v',
      'definition', case when p.prokind <> 'a' then pg_catalog.pg_get_functiondef(p.oid) else '' end,
      'arguments', (
        select coalesce(jsonb_agg(jsonb_build_object('name', coalesce(p.proargnames[i], ''), 'type', pg_catalog.format_type(t, null),
          'optional', k > p.pronargs - p.pronargdefaults) order by k), '[]')
        from (select t, i, row_number() over (order by i) as k
              from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality a (t, i)
              where coalesce(p.proargmodes[i], 'i') in ('i', 'b', 'v')) a)) as object
  from pg_catalog.pg_proc p join ours n on n.oid = p.pronamespace
  order by n.nspname, p.proname, p.oid::regprocedure::text
)
select jsonb_build_object(
  'schemas', (select jsonb_agg(nspname order by nspname) from ours),
  'relations', (select coalesce(jsonb_agg(object), '[]') from relations),
  'sequences', (select coalesce(jsonb_agg(object), '[]') from sequences),
  'functions', (select coalesce(jsonb_agg(object), '[]') from functions))::text
