-- A build's output is stored in chunks of lines: about 41 bytes a line against about 200 as rows, and an append is one
-- insert however many lines it carries. ops.build_events and ops.build_logs answer one row a line from it.

create table ops.log_chunks (
  bucket date not null,
  build_id uuid not null,
  first_line bigint not null check (first_line >= 1),
  line_count integer not null check (line_count between 1 and 10000),
  org_id uuid not null,
  base_at timestamptz not null,
  dt_ms integer[] not null,
  kind smallint[] not null,
  body text not null,
  primary key (bucket, build_id, first_line)
) partition by range (bucket);
comment on table ops.log_chunks is 'Lines first_line .. first_line + line_count - 1. body joins them with newlines; dt_ms[i] is milliseconds after base_at; kind[i] packs phase, level and flags.';
comment on column ops.log_chunks.kind is 'Bits 0-2 phase (checkout build test package deploy promote system), bits 3-4 level (debug info warn error), bit 5 stderr, bit 6 continues in the next line, bit 7 escaped: bytes that are not UTF-8 or are NUL stand as \xHH and a backslash as \\.';
do $$
begin
  -- Not every build of PostgreSQL has lz4 (the npm binaries do not); pglz then, which packs as well but slower.
  alter table ops.log_chunks alter column body set compression lz4;
exception when feature_not_supported then
  raise notice 'this PostgreSQL has no lz4: logs are compressed with pglz';
end
$$;
create index log_chunks_org on ops.log_chunks (org_id);
create table ops.log_chunks_default partition of ops.log_chunks default;

create table ops.log_marks (
  build_id uuid not null,
  line bigint not null,
  kind text not null check (kind in ('error', 'warning', 'group', 'group_end', 'step', 'phase')),
  org_id uuid not null,
  label text not null default '' check (length(label) <= 500),
  primary key (build_id, line, kind),
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade
);
comment on table ops.log_marks is 'Where to jump to in a log: errors, folded groups, steps, phases.';

create table ops.log_extra_events (
  build_id uuid not null,
  line bigint not null,
  org_id uuid not null,
  meta jsonb not null,
  primary key (build_id, line),
  foreign key (org_id, build_id) references ops.builds (org_id, id) on delete cascade
);
comment on table ops.log_extra_events is 'The meta of lines written by append_build_event with one; most lines have none.';
