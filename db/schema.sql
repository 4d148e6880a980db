-- What db/migrations, db/functions and db/policies add up to. Generated: do not edit, run
-- PLIMSOLL_BLESS=1 cargo nextest run -p plimsoll-db --test schema

create schema metrics;
grant usage on schema metrics to authenticated;
grant usage on schema metrics to service_role;

create schema ops;
grant usage on schema ops to authenticated;
grant usage on schema ops to service_role;

create schema registry;
grant usage on schema registry to authenticated;
grant usage on schema registry to service_role;

create domain ops.attempt_limit as integer CHECK (((VALUE >= 1) AND (VALUE <= 20)));

create domain ops.attempt_outcome as text CHECK ((VALUE = ANY (ARRAY['finished'::text, 'lost'::text, 'infrastructure'::text])));

create domain ops.branch_stage as text CHECK ((VALUE = ANY (ARRAY['production'::text, 'staging'::text, 'development'::text])));

create domain ops.branch_status as text CHECK ((VALUE = ANY (ARRAY['ready'::text, 'building'::text, 'error'::text, 'archived'::text])));

create domain ops.build_status as text CHECK ((VALUE = ANY (ARRAY['queued'::text, 'running'::text, 'success'::text, 'failed'::text, 'cancelled'::text])));

create domain ops.build_trigger as text CHECK ((VALUE = ANY (ARRAY['manual'::text, 'commit'::text, 'schedule'::text, 'api'::text])));

create domain ops.commit_sha as text CHECK ((VALUE ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'::text));

create domain ops.failure_reason as text CHECK ((VALUE = ANY (ARRAY['step_failed'::text, 'timed_out'::text, 'runner_lost'::text, 'cancelled'::text, 'superseded'::text, 'infrastructure'::text, 'checkout_failed'::text, 'invalid_build_file'::text, 'log_limit'::text, 'secret_unmaskable'::text])));

create domain ops.finite_number as double precision CHECK (((VALUE > '-Infinity'::double precision) AND (VALUE < 'Infinity'::double precision)));

create domain ops.metric_name as text CHECK (((VALUE ~ '^[a-zA-Z_:][a-zA-Z0-9_:]*$'::text) AND (length(VALUE) <= 200)));

create domain ops.run_priority as smallint CHECK (((VALUE >= 1) AND (VALUE <= 10)));

create domain ops.run_status as text CHECK ((VALUE = ANY (ARRAY['queued'::text, 'claimed'::text, 'running'::text, 'done'::text, 'failed'::text])));

create domain ops.running_limit as integer CHECK (((VALUE >= 0) AND (VALUE <= 10000)));

create table metrics.development_metrics (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  environment text default 'production'::text not null,
  metric_date date default CURRENT_DATE not null,
  metric_type text not null,
  metric_value numeric not null,
  metric_unit text,
  sample_size integer,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint development_metrics_environment_check CHECK ((environment = ANY (ARRAY['local'::text, 'staging'::text, 'production'::text]))),
  constraint development_metrics_metric_type_check CHECK ((metric_type = ANY (ARRAY['pr_cycle_time'::text, 'pr_cycle_time_avg'::text, 'pr_cycle_time_median'::text, 'pr_review_time'::text, 'pr_review_time_avg'::text, 'pr_review_time_median'::text, 'deployment_frequency'::text, 'deployment_success_rate'::text, 'deployment_error_rate'::text, 'deployment_p95_ms'::text, 'deployment_rework_rate'::text, 'downtime_minutes'::text, 'rollback_time_minutes'::text, 'pool_utilization'::text, 'change_lead_time'::text, 'change_fail_rate'::text, 'failed_deployment_recovery_time'::text, 'build_success_rate'::text, 'build_duration'::text, 'build_duration_avg'::text, 'build_duration_median'::text, 'build_duration_p95'::text, 'test_pass_rate'::text, 'test_pass_rate_avg'::text, 'test_pass_rate_median'::text, 'rule_compliance_rate'::text, 'documentation_first_usage_rate'::text]))),
  constraint development_metrics_metric_unit_check CHECK ((length(metric_unit) <= 40)),
  constraint development_metrics_metric_value_is_finite CHECK ((metric_value <> ALL (ARRAY['NaN'::numeric, 'Infinity'::numeric, '-Infinity'::numeric]))),
  constraint development_metrics_sample_size_check CHECK ((sample_size >= 0)),
  constraint development_metrics_pkey PRIMARY KEY (id),
  constraint development_metrics_org_id_id_key UNIQUE (org_id, id),
  constraint development_metrics_project_id_environment_metric_type_metr_key UNIQUE (project_id, environment, metric_type, metric_date),
  constraint development_metrics_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX development_metrics_org ON metrics.development_metrics USING btree (org_id, metric_type, metric_date) INCLUDE (project_id, environment, metric_value);
alter table metrics.development_metrics enable row level security;
create policy members_read on metrics.development_metrics for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on metrics.development_metrics to service_role;
grant select on metrics.development_metrics to authenticated;
CREATE TRIGGER a_fill_caller BEFORE INSERT ON metrics.development_metrics FOR EACH ROW WHEN ((new.project_id IS NULL)) EXECUTE FUNCTION ops.fill_project_from_caller();
CREATE TRIGGER a_fill_org BEFORE INSERT ON metrics.development_metrics FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();

create table metrics.pr_events (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  environment text default 'production'::text not null,
  pr_number integer not null,
  pr_title text,
  branch_name text,
  event_type text not null,
  event_timestamp timestamp with time zone default now() not null,
  author text,
  reviewer text,
  labels text[] default '{}'::text[] not null,
  cycle_time_seconds numeric,
  review_time_seconds numeric,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint pr_events_author_check CHECK ((length(author) <= 200)),
  constraint pr_events_branch_name_check CHECK ((length(branch_name) <= 250)),
  constraint pr_events_cycle_time_seconds_is_0_to_one_year CHECK (((cycle_time_seconds >= (0)::numeric) AND (cycle_time_seconds <= (31536000)::numeric))),
  constraint pr_events_environment_check CHECK ((environment = ANY (ARRAY['local'::text, 'staging'::text, 'production'::text]))),
  constraint pr_events_event_type_check CHECK ((event_type = ANY (ARRAY['created'::text, 'reviewed'::text, 'merged'::text, 'closed'::text, 'reopened'::text]))),
  constraint pr_events_pr_number_check CHECK ((pr_number > 0)),
  constraint pr_events_pr_title_check CHECK ((length(pr_title) <= 1000)),
  constraint pr_events_review_time_seconds_is_0_to_one_year CHECK (((review_time_seconds >= (0)::numeric) AND (review_time_seconds <= (31536000)::numeric))),
  constraint pr_events_reviewer_check CHECK ((length(reviewer) <= 200)),
  constraint pr_events_pkey PRIMARY KEY (id),
  constraint pr_events_org_id_id_key UNIQUE (org_id, id),
  constraint pr_events_project_id_pr_number_event_type_event_timestamp_key UNIQUE (project_id, pr_number, event_type, event_timestamp),
  constraint pr_events_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX pr_events_org_figures ON metrics.pr_events USING btree (org_id, event_timestamp) INCLUDE (project_id, environment, event_type, pr_number, cycle_time_seconds, review_time_seconds);
alter table metrics.pr_events enable row level security;
create policy developers_insert on metrics.pr_events for insert to authenticated with check ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))));
create policy members_read on metrics.pr_events for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on metrics.pr_events to service_role;
grant insert (id, org_id, project_id, environment, pr_number, pr_title, branch_name, event_type, event_timestamp, author, reviewer, labels, cycle_time_seconds, review_time_seconds, metadata, created_at) on metrics.pr_events to authenticated;
grant select on metrics.pr_events to authenticated;
CREATE TRIGGER a_fill_caller BEFORE INSERT ON metrics.pr_events FOR EACH ROW WHEN ((new.project_id IS NULL)) EXECUTE FUNCTION ops.fill_project_from_caller();
CREATE TRIGGER a_fill_org BEFORE INSERT ON metrics.pr_events FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();

create table metrics.rule_compliance_events (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  environment text default 'production'::text not null,
  event_timestamp timestamp with time zone default now() not null,
  rule_name text not null,
  rule_category text not null,
  compliance_status text not null,
  context_type text not null,
  context_id text,
  branch_name text,
  violation_details text,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint rule_compliance_events_branch_name_check CHECK ((length(branch_name) <= 250)),
  constraint rule_compliance_events_compliance_status_check CHECK ((compliance_status = ANY (ARRAY['compliant'::text, 'violation'::text, 'warning'::text]))),
  constraint rule_compliance_events_context_id_check CHECK ((length(context_id) <= 200)),
  constraint rule_compliance_events_context_type_check CHECK ((context_type = ANY (ARRAY['commit'::text, 'pr'::text, 'code_review'::text, 'manual_check'::text]))),
  constraint rule_compliance_events_environment_check CHECK ((environment = ANY (ARRAY['local'::text, 'staging'::text, 'production'::text]))),
  constraint rule_compliance_events_rule_category_check CHECK ((rule_category = ANY (ARRAY['foundation'::text, 'implementation'::text, 'specialized'::text]))),
  constraint rule_compliance_events_rule_name_check CHECK (((length(btrim(rule_name)) >= 1) AND (length(btrim(rule_name)) <= 200))),
  constraint rule_compliance_events_violation_details_check CHECK ((length(violation_details) <= 10000)),
  constraint rule_compliance_events_pkey PRIMARY KEY (id),
  constraint rule_compliance_events_org_id_id_key UNIQUE (org_id, id),
  constraint rule_compliance_events_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX rule_compliance_events_org_figures ON metrics.rule_compliance_events USING btree (org_id, event_timestamp) INCLUDE (project_id, environment, compliance_status);
CREATE INDEX rule_compliance_events_project ON metrics.rule_compliance_events USING btree (project_id, event_timestamp DESC);
alter table metrics.rule_compliance_events enable row level security;
create policy developers_insert on metrics.rule_compliance_events for insert to authenticated with check ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))));
create policy members_read on metrics.rule_compliance_events for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on metrics.rule_compliance_events to service_role;
grant insert (id, org_id, project_id, environment, event_timestamp, rule_name, rule_category, compliance_status, context_type, context_id, branch_name, violation_details, metadata, created_at) on metrics.rule_compliance_events to authenticated;
grant select on metrics.rule_compliance_events to authenticated;
CREATE TRIGGER a_fill_caller BEFORE INSERT ON metrics.rule_compliance_events FOR EACH ROW WHEN ((new.project_id IS NULL)) EXECUTE FUNCTION ops.fill_project_from_caller();
CREATE TRIGGER a_fill_org BEFORE INSERT ON metrics.rule_compliance_events FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();

create table metrics.test_cases (
  test_run_id uuid not null,
  "position" integer not null,
  org_id uuid not null,
  suite text not null,
  name text not null,
  outcome text not null,
  duration_seconds double precision default 0 not null,
  failure text,
  constraint test_cases_outcome_check CHECK ((outcome = ANY (ARRAY['passed'::text, 'failed'::text, 'skipped'::text]))),
  constraint test_cases_pkey PRIMARY KEY (test_run_id, "position"),
  constraint test_cases_org_id_test_run_id_fkey FOREIGN KEY (org_id, test_run_id) REFERENCES metrics.test_runs(org_id, id) ON DELETE CASCADE
);
CREATE INDEX test_cases_name ON metrics.test_cases USING btree (org_id, suite, name);
alter table metrics.test_cases enable row level security;
create policy members_read on metrics.test_cases for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on metrics.test_cases to service_role;
grant select on metrics.test_cases to authenticated;

create table metrics.test_runs (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  build_id uuid,
  environment text not null,
  run_id text not null,
  run_timestamp timestamp with time zone default now() not null,
  total_tests integer not null,
  passed_tests integer not null,
  failed_tests integer not null,
  skipped_tests integer default 0 not null,
  pass_rate numeric(6,3) generated always as (
CASE
    WHEN (total_tests > skipped_tests) THEN ((100.0 * (passed_tests)::numeric) / ((total_tests - skipped_tests))::numeric)
    ELSE NULL::numeric
END) stored,
  execution_time_seconds double precision default 0 not null,
  test_type text default 'all'::text not null,
  branch_name text,
  commit_sha text,
  pr_number integer,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint test_runs_check CHECK ((((passed_tests + failed_tests) + skipped_tests) <= total_tests)),
  constraint test_runs_environment_check CHECK ((environment = ANY (ARRAY['local'::text, 'staging'::text, 'production'::text]))),
  constraint test_runs_failed_tests_check CHECK ((failed_tests >= 0)),
  constraint test_runs_passed_tests_check CHECK ((passed_tests >= 0)),
  constraint test_runs_skipped_tests_check CHECK ((skipped_tests >= 0)),
  constraint test_runs_test_type_check CHECK ((test_type = ANY (ARRAY['unit'::text, 'integration'::text, 'e2e'::text, 'all'::text]))),
  constraint test_runs_total_tests_check CHECK ((total_tests >= 0)),
  constraint test_runs_pkey PRIMARY KEY (id),
  constraint test_runs_org_id_id_key UNIQUE (org_id, id),
  constraint test_runs_project_id_run_id_key UNIQUE (project_id, run_id),
  constraint test_runs_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE,
  constraint test_runs_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX test_runs_build ON metrics.test_runs USING btree (build_id);
CREATE INDEX test_runs_org_figures ON metrics.test_runs USING btree (org_id, run_timestamp) INCLUDE (project_id, environment, pass_rate);
alter table metrics.test_runs enable row level security;
create policy developers_insert on metrics.test_runs for insert to authenticated with check ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))));
create policy members_read on metrics.test_runs for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on metrics.test_runs to service_role;
grant insert (id, org_id, project_id, environment, run_id, run_timestamp, total_tests, passed_tests, failed_tests, skipped_tests, execution_time_seconds, test_type, branch_name, commit_sha, pr_number, metadata, created_at) on metrics.test_runs to authenticated;
grant select on metrics.test_runs to authenticated;
CREATE TRIGGER a_fill_caller BEFORE INSERT ON metrics.test_runs FOR EACH ROW WHEN ((new.project_id IS NULL)) EXECUTE FUNCTION ops.fill_project_from_caller();
CREATE TRIGGER a_fill_org BEFORE INSERT ON metrics.test_runs FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();
CREATE TRIGGER fill_test_run BEFORE INSERT ON metrics.test_runs FOR EACH ROW WHEN ((new.environment IS NULL)) EXECUTE FUNCTION metrics.fill_test_run();

create table ops.advisories (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  key text default (gen_random_uuid())::text not null,
  severity text default 'info'::text not null,
  category text default 'best-practice'::text not null,
  title text not null,
  recommendation text default ''::text not null,
  evidence jsonb default '{}'::jsonb not null,
  fix_sql text,
  status text default 'open'::text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  resolved_at timestamp with time zone,
  snoozed_until timestamp with time zone,
  resolved_by uuid,
  constraint advisories_category_check CHECK ((category = ANY (ARRAY['security'::text, 'performance'::text, 'reliability'::text, 'cost'::text, 'upgrade'::text, 'best-practice'::text]))),
  constraint advisories_evidence_check CHECK ((jsonb_typeof(evidence) = 'object'::text)),
  constraint advisories_key_check CHECK (((length(key) >= 1) AND (length(key) <= 500))),
  constraint advisories_recommendation_check CHECK ((length(recommendation) <= 10000)),
  constraint advisories_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text]))),
  constraint advisories_snoozed_has_an_end CHECK (((status <> 'snoozed'::text) OR (snoozed_until IS NOT NULL))),
  constraint advisories_status_check CHECK ((status = ANY (ARRAY['open'::text, 'snoozed'::text, 'resolved'::text, 'dismissed'::text]))),
  constraint advisories_title_check CHECK (((length(btrim(title)) >= 1) AND (length(btrim(title)) <= 300))),
  constraint advisories_pkey PRIMARY KEY (id),
  constraint advisories_org_id_id_key UNIQUE (org_id, id),
  constraint advisories_project_id_key_key UNIQUE (project_id, key),
  constraint advisories_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX advisories_org_project ON ops.advisories USING btree (org_id, project_id);
alter table ops.advisories enable row level security;
create policy members_read on ops.advisories for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.advisories to service_role;
grant select on ops.advisories to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.advisories FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON ops.advisories FOR EACH ROW EXECUTE FUNCTION ops.touch_updated_at();

create table ops.ai_action_ledger (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid,
  action text default 'unknown'::text not null,
  actor_type text,
  model text,
  status text default 'success'::text not null,
  error_message text,
  input_tokens bigint,
  output_tokens bigint,
  total_tokens bigint,
  cost_usd numeric(18,8),
  latency_ms double precision,
  created_at timestamp with time zone default now() not null,
  constraint ai_action_ledger_action_check CHECK (((length(action) >= 1) AND (length(action) <= 300))),
  constraint ai_action_ledger_cost_usd_check CHECK (((cost_usd >= (0)::numeric) AND (cost_usd < 'Infinity'::numeric))),
  constraint ai_action_ledger_input_tokens_check CHECK ((input_tokens >= 0)),
  constraint ai_action_ledger_latency_ms_check CHECK (((latency_ms >= (0)::double precision) AND (latency_ms < 'Infinity'::double precision))),
  constraint ai_action_ledger_output_tokens_check CHECK ((output_tokens >= 0)),
  constraint ai_action_ledger_status_check CHECK (((length(status) >= 1) AND (length(status) <= 200))),
  constraint ai_action_ledger_total_tokens_check CHECK ((total_tokens >= 0)),
  constraint ai_action_ledger_pkey PRIMARY KEY (id),
  constraint ai_action_ledger_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE,
  constraint ai_action_ledger_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX ai_action_ledger_created ON ops.ai_action_ledger USING btree (created_at);
CREATE INDEX ai_action_ledger_org ON ops.ai_action_ledger USING btree (org_id, created_at DESC);
CREATE INDEX ai_action_ledger_project ON ops.ai_action_ledger USING btree (project_id) WHERE (project_id IS NOT NULL);
alter table ops.ai_action_ledger enable row level security;
create policy members_read on ops.ai_action_ledger for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.ai_action_ledger to service_role;
grant select on ops.ai_action_ledger to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.ai_action_ledger FOR EACH ROW WHEN ((new.org_id IS NULL)) EXECUTE FUNCTION ops.fill_org_of_record();
CREATE TRIGGER fill_total_tokens BEFORE INSERT ON ops.ai_action_ledger FOR EACH ROW WHEN (((new.total_tokens IS NULL) AND ((new.input_tokens IS NOT NULL) OR (new.output_tokens IS NOT NULL)))) EXECUTE FUNCTION ops.fill_total_tokens();

create table ops.artifacts (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  build_id uuid not null,
  type text not null,
  name text not null,
  storage_path text not null,
  size_bytes bigint not null,
  mime_type text default 'application/octet-stream'::text not null,
  sha256 text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  constraint artifacts_name_check CHECK (((length(name) >= 1) AND (length(name) <= 500))),
  constraint artifacts_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint artifacts_size_bytes_check CHECK ((size_bytes >= 0)),
  constraint artifacts_type_check CHECK ((type = ANY (ARRAY['log'::text, 'image'::text, 'dump'::text, 'report'::text]))),
  constraint artifacts_pkey PRIMARY KEY (id),
  constraint artifacts_build_id_name_key UNIQUE (build_id, name),
  constraint artifacts_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE
);
alter table ops.artifacts enable row level security;
create policy members_read on ops.artifacts for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.artifacts to service_role;
grant select on ops.artifacts to authenticated;
CREATE TRIGGER fill_artifact BEFORE INSERT ON ops.artifacts FOR EACH ROW WHEN ((new.org_id IS NULL)) EXECUTE FUNCTION ops.fill_artifact();

create table ops.audit_log (
  id bigint generated always as identity,
  org_id uuid,
  actor text not null,
  action text not null,
  target text not null,
  detail jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint audit_log_pkey PRIMARY KEY (id),
  constraint audit_log_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE
);
CREATE INDEX audit_log_org ON ops.audit_log USING btree (org_id, id DESC);
alter table ops.audit_log enable row level security;
create policy members_read on ops.audit_log for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.audit_log to service_role;
grant select on ops.audit_log to authenticated;

create table ops.branches (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  name text not null,
  stage ops.branch_stage default 'development'::text not null,
  is_production boolean default false not null,
  last_build_id uuid,
  git_ref text,
  head_sha text,
  head_pushed_at timestamp with time zone,
  status ops.branch_status default 'ready'::text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint branches_check CHECK ((is_production = ((stage)::text = 'production'::text))),
  constraint branches_head_sha_check CHECK ((head_sha ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'::text)),
  constraint branches_name_check CHECK (((length(name) >= 1) AND (length(name) <= 250))),
  constraint branches_pkey PRIMARY KEY (id),
  constraint branches_org_id_id_key UNIQUE (org_id, id),
  constraint branches_project_id_name_key UNIQUE (project_id, name),
  constraint branches_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
) with (fillfactor=70);
CREATE UNIQUE INDEX branches_one_production ON ops.branches USING btree (project_id) WHERE is_production;
CREATE INDEX branches_org_project ON ops.branches USING btree (org_id, project_id);
alter table ops.branches enable row level security;
create policy developers_insert on ops.branches for insert to authenticated with check ((((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))) AND (NOT is_production)) OR (org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role)))));
create policy members_read on ops.branches for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.branches to service_role;
grant insert (id, org_id, project_id, name, stage, is_production, git_ref) on ops.branches to authenticated;
grant select on ops.branches to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.branches FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();
CREATE TRIGGER sync_branch_stage BEFORE INSERT OR UPDATE OF stage, is_production ON ops.branches FOR EACH ROW EXECUTE FUNCTION ops.sync_branch_stage();

create table ops.build_attempts (
  build_id uuid not null,
  attempt integer not null,
  org_id uuid not null,
  runner_id text not null,
  token bigint not null,
  claimed_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  outcome ops.attempt_outcome not null,
  detail text,
  constraint build_attempts_pkey PRIMARY KEY (build_id, attempt),
  constraint build_attempts_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE
);
alter table ops.build_attempts enable row level security;
create policy members_read on ops.build_attempts for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.build_attempts to service_role;
grant select on ops.build_attempts to authenticated;

create table ops.build_steps (
  build_id uuid not null,
  attempt integer not null,
  "position" integer not null,
  org_id uuid not null,
  name text not null,
  phase text not null,
  command text,
  status text not null,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  exit_code integer,
  first_line bigint,
  constraint build_steps_phase_check CHECK ((phase = ANY (ARRAY['checkout'::text, 'build'::text, 'test'::text, 'package'::text, 'deploy'::text, 'promote'::text, 'system'::text]))),
  constraint build_steps_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'success'::text, 'failed'::text, 'timed_out'::text, 'cancelled'::text, 'skipped'::text]))),
  constraint build_steps_pkey PRIMARY KEY (build_id, attempt, "position"),
  constraint build_steps_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE
);
alter table ops.build_steps enable row level security;
create policy members_read on ops.build_steps for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.build_steps to service_role;
grant select on ops.build_steps to authenticated;

create table ops.builds (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid not null,
  build_number integer not null,
  status ops.build_status default 'queued'::text not null,
  failure_reason ops.failure_reason,
  trigger ops.build_trigger default 'manual'::text not null,
  commit_sha ops.commit_sha,
  commit_message text,
  commit_author text,
  pr_number integer,
  params jsonb default '{}'::jsonb not null,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  completed_at timestamp with time zone generated always as (finished_at) stored,
  duration_seconds integer,
  error_message text,
  test_results jsonb,
  recipe text,
  sandbox_level text,
  rebuild_of uuid,
  seq bigint generated always as identity,
  log_bucket date default ((now() AT TIME ZONE 'utc'::text))::date not null,
  log_lines bigint default 0 not null,
  first_error_line bigint,
  created_by uuid,
  created_at timestamp with time zone default now() not null,
  constraint builds_check CHECK (((finished_at IS NULL) = ((status)::text = ANY (ARRAY['queued'::text, 'running'::text])))),
  constraint builds_pkey PRIMARY KEY (id),
  constraint builds_org_id_id_key UNIQUE (org_id, id),
  constraint builds_project_id_build_number_key UNIQUE (project_id, build_number),
  constraint builds_seq_key UNIQUE (seq),
  constraint builds_org_id_branch_id_fkey FOREIGN KEY (org_id, branch_id) REFERENCES ops.branches(org_id, id) ON DELETE CASCADE,
  constraint builds_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
) with (fillfactor=80);
CREATE INDEX builds_branch_created ON ops.builds USING btree (branch_id, created_at DESC);
CREATE INDEX builds_org_created ON ops.builds USING btree (org_id, created_at DESC);
alter table ops.builds enable row level security;
create policy developers_insert on ops.builds for insert to authenticated with check (((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))) AND ((status)::text = 'queued'::text) AND ((created_by IS NULL) OR (created_by = ( SELECT auth.uid() AS uid)))));
create policy members_read on ops.builds for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.builds to service_role;
grant insert (id, org_id, project_id, branch_id, build_number, status, trigger, commit_sha, commit_message, commit_author, pr_number, params, created_by) on ops.builds to authenticated;
grant select on ops.builds to authenticated;
CREATE TRIGGER fill_build BEFORE INSERT ON ops.builds FOR EACH ROW EXECUTE FUNCTION ops.fill_build();

create table ops.deployments (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  environment_id uuid,
  environment text not null,
  build_id uuid,
  external_id text,
  version text,
  commit_sha text,
  branch_name text,
  pr_number integer,
  deployed_by text,
  source text default 'api'::text not null,
  status text default 'pending'::text not null,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  deployed_at timestamp with time zone,
  downtime_minutes numeric,
  downtime_detected_at timestamp with time zone,
  error_rate_pct double precision,
  p95_ms double precision,
  pool_utilization_pct double precision,
  rollback_reason text,
  metadata jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  happened_at timestamp with time zone generated always as (COALESCE(deployed_at, completed_at, started_at, created_at)) stored not null,
  constraint deployments_branch_name_check CHECK ((length(branch_name) <= 250)),
  constraint deployments_commit_sha_check CHECK ((length(commit_sha) <= 100)),
  constraint deployments_completed_at_is_not_before_started_at CHECK ((completed_at >= started_at)),
  constraint deployments_completed_at_needs_an_end_status CHECK (((completed_at IS NULL) OR (status = ANY (ARRAY['success'::text, 'failed'::text, 'rollback'::text])))),
  constraint deployments_deployed_by_check CHECK ((length(deployed_by) <= 200)),
  constraint deployments_downtime_minutes_is_0_to_one_year CHECK (((downtime_minutes >= (0)::numeric) AND (downtime_minutes <= (525600)::numeric))),
  constraint deployments_environment_check CHECK (((length(btrim(environment)) >= 1) AND (length(btrim(environment)) <= 60))),
  constraint deployments_error_rate_pct_check CHECK (((error_rate_pct >= (0)::double precision) AND (error_rate_pct <= (100)::double precision))),
  constraint deployments_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 200))),
  constraint deployments_p95_ms_is_0_to_one_day CHECK (((p95_ms >= (0)::double precision) AND (p95_ms <= (86400000)::double precision))),
  constraint deployments_pool_utilization_pct_check CHECK (((pool_utilization_pct >= (0)::double precision) AND (pool_utilization_pct <= (100)::double precision))),
  constraint deployments_pr_number_check CHECK ((pr_number > 0)),
  constraint deployments_rollback_reason_check CHECK ((length(rollback_reason) <= 10000)),
  constraint deployments_source_check CHECK ((source = ANY (ARRAY['runner'::text, 'api'::text, 'webhook'::text, 'backfill'::text, 'ci'::text]))),
  constraint deployments_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'success'::text, 'failed'::text, 'rollback'::text]))),
  constraint deployments_version_check CHECK ((length(version) <= 200)),
  constraint deployments_pkey PRIMARY KEY (id),
  constraint deployments_org_id_id_key UNIQUE (org_id, id),
  constraint deployments_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE SET NULL (build_id),
  constraint deployments_org_id_environment_id_fkey FOREIGN KEY (org_id, environment_id) REFERENCES ops.environments(org_id, id) ON DELETE SET NULL (environment_id),
  constraint deployments_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX deployments_build ON ops.deployments USING btree (build_id) WHERE (build_id IS NOT NULL);
CREATE INDEX deployments_environment ON ops.deployments USING btree (environment_id) WHERE (environment_id IS NOT NULL);
CREATE INDEX deployments_external ON ops.deployments USING btree (project_id, external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX deployments_org_figures ON ops.deployments USING btree (org_id, happened_at) INCLUDE (project_id, environment, status, downtime_minutes);
CREATE INDEX deployments_project ON ops.deployments USING btree (project_id, environment, happened_at DESC);
alter table ops.deployments enable row level security;
create policy developers_insert on ops.deployments for insert to authenticated with check (((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))) AND (source <> 'runner'::text)));
create policy developers_update on ops.deployments for update to authenticated using (((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))) AND (source <> 'runner'::text)));
create policy members_read on ops.deployments for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.deployments to service_role;
grant insert (id, org_id, project_id, environment_id, environment, build_id, external_id, version, commit_sha, branch_name, pr_number, deployed_by, source, status, started_at, completed_at, deployed_at, downtime_minutes, downtime_detected_at, error_rate_pct, p95_ms, pool_utilization_pct, rollback_reason, metadata, created_at) on ops.deployments to authenticated;
grant select on ops.deployments to authenticated;
grant update (version, status, started_at, completed_at, deployed_at, downtime_minutes, downtime_detected_at, error_rate_pct, p95_ms, pool_utilization_pct, rollback_reason, metadata) on ops.deployments to authenticated;
CREATE TRIGGER fill_deployment BEFORE INSERT ON ops.deployments FOR EACH ROW EXECUTE FUNCTION ops.fill_deployment();

create table ops.environments (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  name text not null,
  kind text default 'development'::text not null,
  url text,
  live_slot text default 'blue'::text not null,
  generation bigint default 1 not null,
  expires_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint environments_kind_check CHECK (((length(btrim(kind)) >= 1) AND (length(btrim(kind)) <= 60))),
  constraint environments_live_slot_check CHECK ((live_slot = ANY (ARRAY['blue'::text, 'green'::text]))),
  constraint environments_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100))),
  constraint environments_pkey PRIMARY KEY (id),
  constraint environments_org_id_id_key UNIQUE (org_id, id),
  constraint environments_project_id_name_key UNIQUE (project_id, name),
  constraint environments_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
alter table ops.environments enable row level security;
create policy members_read on ops.environments for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.environments to service_role;
grant select on ops.environments to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.environments FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();

create table ops.fenced_writes (
  id bigint generated always as identity,
  org_id uuid not null,
  build_id uuid not null,
  token bigint not null,
  live_token bigint,
  operation text not null,
  runner_id text,
  refused_at timestamp with time zone default now() not null,
  constraint fenced_writes_pkey PRIMARY KEY (id),
  constraint fenced_writes_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE
);
CREATE INDEX fenced_writes_build ON ops.fenced_writes USING btree (build_id, id);
alter table ops.fenced_writes enable row level security;
create policy members_read on ops.fenced_writes for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.fenced_writes to service_role;
grant select on ops.fenced_writes to authenticated;

create table ops.idempotency_keys (
  scope text not null,
  key text not null,
  request_hash bytea not null,
  response jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint idempotency_keys_pkey PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_keys_created ON ops.idempotency_keys USING btree (created_at);
alter table ops.idempotency_keys enable row level security;
grant delete, insert, select, update on ops.idempotency_keys to service_role;

create table ops.ingest_jobs (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid,
  status text default 'pending'::text not null,
  kind text default 'ingest'::text not null,
  payload jsonb default '{}'::jsonb not null,
  attempts integer default 0 not null,
  error_message text,
  created_at timestamp with time zone default now() not null,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  constraint ingest_jobs_attempts_check CHECK ((attempts >= 0)),
  constraint ingest_jobs_kind_check CHECK (((length(kind) >= 1) AND (length(kind) <= 200))),
  constraint ingest_jobs_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'dead'::text]))),
  constraint ingest_jobs_pkey PRIMARY KEY (id),
  constraint ingest_jobs_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE,
  constraint ingest_jobs_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX ingest_jobs_completed ON ops.ingest_jobs USING btree (completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX ingest_jobs_org ON ops.ingest_jobs USING btree (org_id, created_at DESC);
CREATE INDEX ingest_jobs_pending ON ops.ingest_jobs USING btree (created_at) WHERE (status = 'pending'::text);
CREATE INDEX ingest_jobs_project ON ops.ingest_jobs USING btree (project_id) WHERE (project_id IS NOT NULL);
alter table ops.ingest_jobs enable row level security;
create policy members_read on ops.ingest_jobs for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.ingest_jobs to service_role;
grant select on ops.ingest_jobs to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.ingest_jobs FOR EACH ROW WHEN ((new.org_id IS NULL)) EXECUTE FUNCTION ops.fill_org_of_record();

create table ops.leases (
  build_id uuid not null,
  queue_id uuid not null,
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid not null,
  attempt integer not null,
  runner_id text not null,
  token bigint not null,
  log_bucket date not null,
  claimed_at timestamp with time zone not null,
  renewed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  next_line bigint not null,
  token_seen boolean default true not null,
  log_bytes bigint default 0 not null,
  first_error_line bigint,
  cancel_requested_at timestamp with time zone,
  cancel_reason text,
  constraint leases_pkey PRIMARY KEY (build_id),
  constraint leases_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=500);
alter table ops.leases enable row level security;
create policy members_read on ops.leases for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.leases to service_role;
grant select on ops.leases to authenticated;

create table ops.log_chunks (
  bucket date not null,
  build_id uuid not null,
  first_line bigint not null,
  line_count integer not null,
  org_id uuid not null,
  base_at timestamp with time zone not null,
  dt_ms integer[] not null,
  kind smallint[] not null,
  body text not null,
  constraint log_chunks_first_line_check CHECK ((first_line >= 1)),
  constraint log_chunks_line_count_check CHECK (((line_count >= 1) AND (line_count <= 10000))),
  constraint log_chunks_pkey PRIMARY KEY (bucket, build_id, first_line)
) partition by range (bucket);
CREATE INDEX log_chunks_org ON ONLY ops.log_chunks USING btree (org_id);
alter table ops.log_chunks enable row level security;
create policy members_read on ops.log_chunks for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.log_chunks to service_role;
grant select on ops.log_chunks to authenticated;

create table ops.log_extra_events (
  build_id uuid not null,
  line bigint not null,
  org_id uuid not null,
  meta jsonb not null,
  constraint log_extra_events_pkey PRIMARY KEY (build_id, line),
  constraint log_extra_events_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE
);
alter table ops.log_extra_events enable row level security;
create policy members_read on ops.log_extra_events for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.log_extra_events to service_role;
grant select on ops.log_extra_events to authenticated;

create table ops.log_marks (
  build_id uuid not null,
  line bigint not null,
  kind text not null,
  org_id uuid not null,
  label text default ''::text not null,
  constraint log_marks_kind_check CHECK ((kind = ANY (ARRAY['error'::text, 'warning'::text, 'group'::text, 'group_end'::text, 'step'::text, 'phase'::text]))),
  constraint log_marks_label_check CHECK ((length(label) <= 500)),
  constraint log_marks_pkey PRIMARY KEY (build_id, line, kind),
  constraint log_marks_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE
);
alter table ops.log_marks enable row level security;
create policy members_read on ops.log_marks for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.log_marks to service_role;
grant select on ops.log_marks to authenticated;

create table ops.metrics (
  id bigint generated always as identity,
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid,
  ts timestamp with time zone default now() not null,
  metric ops.metric_name not null,
  value ops.finite_number not null,
  dims jsonb default '{}'::jsonb not null,
  constraint metrics_dims_is_an_object CHECK ((jsonb_typeof(dims) = 'object'::text)),
  constraint metrics_ts_is_finite CHECK (isfinite(ts)),
  constraint metrics_pkey PRIMARY KEY (project_id, metric, ts, id)
) partition by range (ts);
CREATE INDEX metrics_org ON ONLY ops.metrics USING btree (org_id, ts DESC);
alter table ops.metrics enable row level security;
create policy members_read on ops.metrics for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.metrics to service_role;
grant select on ops.metrics to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.metrics FOR EACH ROW WHEN ((new.org_id IS NULL)) EXECUTE FUNCTION ops.fill_org_from_project();
CREATE TRIGGER check_samples_added AFTER INSERT ON ops.metrics REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ops.check_samples();
CREATE TRIGGER check_samples_changed AFTER UPDATE ON ops.metrics REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ops.check_samples();

create table ops.monitoring (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid not null,
  status text default 'unknown'::text not null,
  cpu_usage_pct ops.finite_number,
  memory_usage_mb ops.finite_number,
  disk_usage_mb ops.finite_number,
  request_rate ops.finite_number,
  error_rate ops.finite_number,
  last_health_check timestamp with time zone,
  alerts jsonb default '[]'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint monitoring_alerts_check CHECK ((jsonb_typeof(alerts) = 'array'::text)),
  constraint monitoring_cpu_usage_pct_check CHECK (((cpu_usage_pct)::double precision >= (0)::double precision)),
  constraint monitoring_disk_usage_mb_check CHECK (((disk_usage_mb)::double precision >= (0)::double precision)),
  constraint monitoring_error_rate_check CHECK (((error_rate)::double precision >= (0)::double precision)),
  constraint monitoring_memory_usage_mb_check CHECK (((memory_usage_mb)::double precision >= (0)::double precision)),
  constraint monitoring_request_rate_check CHECK (((request_rate)::double precision >= (0)::double precision)),
  constraint monitoring_status_check CHECK ((status = ANY (ARRAY['healthy'::text, 'warning'::text, 'critical'::text, 'unknown'::text]))),
  constraint monitoring_pkey PRIMARY KEY (id),
  constraint monitoring_branch_id_key UNIQUE (branch_id),
  constraint monitoring_org_id_branch_id_fkey FOREIGN KEY (org_id, branch_id) REFERENCES ops.branches(org_id, id) ON DELETE CASCADE,
  constraint monitoring_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
) with (fillfactor=70);
CREATE INDEX monitoring_org_project ON ops.monitoring USING btree (org_id, project_id);
alter table ops.monitoring enable row level security;
create policy members_read on ops.monitoring for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.monitoring to service_role;
grant select on ops.monitoring to authenticated;
CREATE TRIGGER fill_monitoring BEFORE INSERT ON ops.monitoring FOR EACH ROW WHEN (((new.org_id IS NULL) OR (new.project_id IS NULL))) EXECUTE FUNCTION ops.fill_monitoring();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON ops.monitoring FOR EACH ROW EXECUTE FUNCTION ops.touch_updated_at();

create table ops.project_secrets (
  org_id uuid not null,
  project_id uuid not null,
  name text not null,
  sealed bytea not null,
  updated_by uuid,
  updated_at timestamp with time zone default now() not null,
  constraint project_secrets_name_check CHECK ((name ~ '^[A-Z_][A-Z0-9_]{0,99}$'::text)),
  constraint project_secrets_pkey PRIMARY KEY (project_id, name),
  constraint project_secrets_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX project_secrets_org ON ops.project_secrets USING btree (org_id);
alter table ops.project_secrets enable row level security;
create policy admins_read on ops.project_secrets for select to authenticated using ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role))));
grant delete, insert, select, update on ops.project_secrets to service_role;
grant select (org_id, project_id, name, updated_by, updated_at) on ops.project_secrets to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.project_secrets FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();

create table ops.projects (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  name text not null,
  slug text not null,
  repo_url text not null,
  default_branch text default 'main'::text not null,
  runtime_version text default '19.0'::text not null,
  status text default 'active'::text not null,
  next_build_number integer default 1 not null,
  sync_requested_at timestamp with time zone default now(),
  sync_started_at timestamp with time zone,
  synced_at timestamp with time zone,
  sync_error text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint projects_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 200))),
  constraint projects_repo_url_check CHECK (((length(repo_url) >= 1) AND (length(repo_url) <= 2000))),
  constraint projects_slug_check CHECK ((slug ~ '^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$'::text)),
  constraint projects_status_check CHECK ((status = ANY (ARRAY['active'::text, 'archived'::text, 'suspended'::text]))),
  constraint projects_pkey PRIMARY KEY (id),
  constraint projects_org_id_id_key UNIQUE (org_id, id),
  constraint projects_org_id_slug_key UNIQUE (org_id, slug),
  constraint projects_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE
);
CREATE INDEX projects_sync ON ops.projects USING btree (sync_requested_at) WHERE (sync_requested_at IS NOT NULL);
alter table ops.projects enable row level security;
create policy admins_insert on ops.projects for insert to authenticated with check ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role))));
create policy members_read on ops.projects for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.projects to service_role;
grant insert (id, org_id, name, slug, repo_url, default_branch, runtime_version) on ops.projects to authenticated;
grant select on ops.projects to authenticated;
CREATE TRIGGER fill_project BEFORE INSERT ON ops.projects FOR EACH ROW EXECUTE FUNCTION ops.fill_project();
CREATE TRIGGER forget_samples AFTER DELETE ON ops.projects REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION ops.forget_samples();

create table ops.queue_lanes (
  org_id uuid not null,
  running integer default 0 not null,
  max_running ops.running_limit default 4 not null,
  head_rank timestamp with time zone,
  served_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  turn timestamp with time zone generated always as (
CASE
    WHEN ((head_rank IS NOT NULL) AND (running < (max_running)::integer)) THEN GREATEST(head_rank, served_at)
    ELSE NULL::timestamp with time zone
END) stored,
  constraint queue_lanes_running_check CHECK ((running >= 0)),
  constraint queue_lanes_pkey PRIMARY KEY (org_id),
  constraint queue_lanes_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=500);
CREATE INDEX queue_lanes_turn ON ops.queue_lanes USING btree (turn) WHERE (turn IS NOT NULL);
alter table ops.queue_lanes enable row level security;
create policy members_read on ops.queue_lanes for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.queue_lanes to service_role;
grant select on ops.queue_lanes to authenticated;

create table ops.rollbacks (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  deployment_id uuid not null,
  rollback_trigger text default 'manual'::text not null,
  rollback_type text default 'traffic'::text not null,
  triggered_at timestamp with time zone default now() not null,
  completed_at timestamp with time zone,
  rollback_duration_minutes numeric(14,4) generated always as ((EXTRACT(epoch FROM (completed_at - triggered_at)) / (60)::numeric)) stored,
  rollback_success boolean,
  rollback_reason text,
  created_at timestamp with time zone default now() not null,
  constraint rollbacks_completed_at_is_not_before_triggered_at CHECK ((completed_at >= triggered_at)),
  constraint rollbacks_rollback_reason_check CHECK ((length(rollback_reason) <= 10000)),
  constraint rollbacks_rollback_trigger_check CHECK ((rollback_trigger = ANY (ARRAY['DEPLOY-001'::text, 'DEPLOY-002'::text, 'DEPLOY-003'::text, 'manual'::text]))),
  constraint rollbacks_rollback_type_check CHECK ((rollback_type = ANY (ARRAY['traffic'::text, 'database'::text, 'full'::text]))),
  constraint rollbacks_pkey PRIMARY KEY (id),
  constraint rollbacks_org_id_id_key UNIQUE (org_id, id),
  constraint rollbacks_org_id_deployment_id_fkey FOREIGN KEY (org_id, deployment_id) REFERENCES ops.deployments(org_id, id) ON DELETE CASCADE
);
CREATE INDEX rollbacks_deployment ON ops.rollbacks USING btree (deployment_id);
CREATE INDEX rollbacks_org_figures ON ops.rollbacks USING btree (org_id, triggered_at) INCLUDE (deployment_id, rollback_trigger, rollback_type, rollback_duration_minutes, rollback_success);
alter table ops.rollbacks enable row level security;
create policy developers_insert on ops.rollbacks for insert to authenticated with check ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))));
create policy developers_update on ops.rollbacks for update to authenticated using ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('developer'::text) AS org_ids_with_role))));
create policy members_read on ops.rollbacks for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.rollbacks to service_role;
grant insert (id, org_id, deployment_id, rollback_trigger, rollback_type, triggered_at, completed_at, rollback_success, rollback_reason, created_at) on ops.rollbacks to authenticated;
grant select on ops.rollbacks to authenticated;
grant update (completed_at, rollback_success, rollback_reason) on ops.rollbacks to authenticated;
CREATE TRIGGER fill_rollback BEFORE INSERT OR UPDATE ON ops.rollbacks FOR EACH ROW EXECUTE FUNCTION ops.fill_rollback();
CREATE TRIGGER mark_rolled_back AFTER INSERT ON ops.rollbacks FOR EACH ROW EXECUTE FUNCTION ops.mark_rolled_back();

create table ops.run_queue (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  branch_id uuid not null,
  build_id uuid not null,
  status ops.run_status default 'queued'::text not null,
  priority ops.run_priority default 5 not null,
  rank timestamp with time zone not null,
  ready boolean not null,
  claimed_by text,
  claimed_at timestamp with time zone,
  fence bigint,
  attempts integer default 0 not null,
  max_attempts ops.attempt_limit default 3 not null,
  next_attempt_at timestamp with time zone,
  error_message text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint run_queue_pkey PRIMARY KEY (id),
  constraint run_queue_build_id_key UNIQUE (build_id),
  constraint run_queue_org_id_build_id_fkey FOREIGN KEY (org_id, build_id) REFERENCES ops.builds(org_id, id) ON DELETE CASCADE
) with (fillfactor=70, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000, autovacuum_analyze_scale_factor=0.05);
CREATE INDEX run_queue_backoff ON ops.run_queue USING btree (next_attempt_at) WHERE (((status)::text = 'queued'::text) AND (next_attempt_at IS NOT NULL));
CREATE INDEX run_queue_branch_waiting ON ops.run_queue USING btree (branch_id, rank, id) WHERE ((status)::text = 'queued'::text);
CREATE UNIQUE INDEX run_queue_one_per_branch ON ops.run_queue USING btree (branch_id) WHERE ((status)::text = ANY (ARRAY['claimed'::text, 'running'::text]));
CREATE INDEX run_queue_ready ON ops.run_queue USING btree (org_id, rank, id) WHERE (ready AND ((status)::text = 'queued'::text));
alter table ops.run_queue enable row level security;
create policy members_read on ops.run_queue for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.run_queue to service_role;
grant select on ops.run_queue to authenticated;
CREATE TRIGGER fill_run BEFORE INSERT ON ops.run_queue FOR EACH ROW WHEN (((new.org_id IS NULL) OR (new.rank IS NULL) OR (new.ready IS NULL))) EXECUTE FUNCTION ops.fill_run();

create table ops.runners (
  id uuid default gen_random_uuid() not null,
  org_id uuid,
  name text not null,
  token_hash bytea not null,
  version text not null,
  os text not null,
  arch text not null,
  host text not null,
  slots integer default 1 not null,
  sandbox_level text default 'none'::text not null,
  registered_at timestamp with time zone default now() not null,
  last_seen_at timestamp with time zone default now() not null,
  removed_at timestamp with time zone,
  constraint runners_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 200))),
  constraint runners_slots_check CHECK (((slots >= 1) AND (slots <= 1000))),
  constraint runners_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint runners_pkey PRIMARY KEY (id),
  constraint runners_token_hash_key UNIQUE (token_hash),
  constraint runners_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE
);
CREATE INDEX runners_org ON ops.runners USING btree (org_id);
alter table ops.runners enable row level security;
create policy members_read on ops.runners for select to authenticated using (((org_id IS NULL) OR (org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids)))));
grant delete, insert, select, update on ops.runners to service_role;
grant select (id, org_id, name, version, os, arch, host, slots, sandbox_level, registered_at, last_seen_at, removed_at) on ops.runners to authenticated;

create table ops.system_metrics (
  id bigint generated always as identity,
  org_id uuid,
  metric_name ops.metric_name not null,
  value ops.finite_number not null,
  unit text default ''::text not null,
  status text default 'unknown'::text not null,
  labels jsonb default '{}'::jsonb not null,
  recorded_at timestamp with time zone default now() not null,
  constraint system_metrics_labels_is_an_object CHECK ((jsonb_typeof(labels) = 'object'::text)),
  constraint system_metrics_recorded_at_is_finite CHECK (isfinite(recorded_at)),
  constraint system_metrics_status_check CHECK ((status = ANY (ARRAY['ok'::text, 'warning'::text, 'critical'::text, 'unknown'::text]))),
  constraint system_metrics_unit_check CHECK ((length(unit) <= 60)),
  constraint system_metrics_pkey PRIMARY KEY (metric_name, recorded_at, id),
  constraint system_metrics_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE
) partition by range (recorded_at);
CREATE INDEX system_metrics_org ON ONLY ops.system_metrics USING btree (org_id, recorded_at DESC);
alter table ops.system_metrics enable row level security;
create policy members_read on ops.system_metrics for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.system_metrics to service_role;
grant select on ops.system_metrics to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.system_metrics FOR EACH ROW WHEN ((new.org_id IS NULL)) EXECUTE FUNCTION ops.fill_system_metric();

create table ops.upgrades (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  project_id uuid not null,
  from_version text not null,
  to_version text not null,
  status text default 'planned'::text not null,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  error_message text,
  rollback_plan jsonb default '{}'::jsonb not null,
  created_by uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint upgrades_from_version_check CHECK (((length(btrim(from_version)) >= 1) AND (length(btrim(from_version)) <= 100))),
  constraint upgrades_status_check CHECK ((status = ANY (ARRAY['planned'::text, 'in_progress'::text, 'completed'::text, 'failed'::text, 'rolled_back'::text]))),
  constraint upgrades_to_version_check CHECK (((length(btrim(to_version)) >= 1) AND (length(btrim(to_version)) <= 100))),
  constraint upgrades_pkey PRIMARY KEY (id),
  constraint upgrades_org_id_id_key UNIQUE (org_id, id),
  constraint upgrades_org_id_project_id_fkey FOREIGN KEY (org_id, project_id) REFERENCES ops.projects(org_id, id) ON DELETE CASCADE
);
CREATE INDEX upgrades_org_project ON ops.upgrades USING btree (org_id, project_id, created_at DESC);
alter table ops.upgrades enable row level security;
create policy admins_insert on ops.upgrades for insert to authenticated with check (((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role))) AND ((created_by IS NULL) OR (created_by = ( SELECT auth.uid() AS uid)))));
create policy admins_update on ops.upgrades for update to authenticated using ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role)))) with check ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role))));
create policy members_read on ops.upgrades for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on ops.upgrades to service_role;
grant insert (id, org_id, project_id, from_version, to_version, status, started_at, completed_at, error_message, rollback_plan, created_by) on ops.upgrades to authenticated;
grant select on ops.upgrades to authenticated;
grant update (status, started_at, completed_at, error_message, rollback_plan) on ops.upgrades to authenticated;
CREATE TRIGGER a_fill_org BEFORE INSERT ON ops.upgrades FOR EACH ROW EXECUTE FUNCTION ops.fill_org_from_project();
CREATE TRIGGER audit_upgrade_moved AFTER UPDATE OF status ON ops.upgrades FOR EACH ROW WHEN ((new.status <> old.status)) EXECUTE FUNCTION ops.audit_upgrade();
CREATE TRIGGER audit_upgrade_planned AFTER INSERT ON ops.upgrades FOR EACH ROW EXECUTE FUNCTION ops.audit_upgrade();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON ops.upgrades FOR EACH ROW EXECUTE FUNCTION ops.touch_updated_at();

create table ops.webhook_deliveries (
  id bigint generated always as identity,
  org_id uuid not null,
  provider text not null,
  delivery_id text not null,
  event text not null,
  payload jsonb not null,
  received_at timestamp with time zone default now() not null,
  processed_at timestamp with time zone,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  outcome text,
  constraint webhook_deliveries_delivery_id_check CHECK (((length(delivery_id) >= 1) AND (length(delivery_id) <= 200))),
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_org_id_provider_delivery_id_key UNIQUE (org_id, provider, delivery_id),
  constraint webhook_deliveries_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_due ON ops.webhook_deliveries USING btree (next_attempt_at) WHERE (processed_at IS NULL);
alter table ops.webhook_deliveries enable row level security;
create policy admins_read on ops.webhook_deliveries for select to authenticated using ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role))));
grant delete, insert, select, update on ops.webhook_deliveries to service_role;
grant select on ops.webhook_deliveries to authenticated;

create table registry.api_tokens (
  id uuid default gen_random_uuid() not null,
  org_id uuid not null,
  name text not null,
  prefix text not null,
  token_hash bytea not null,
  scopes text[] not null,
  created_by uuid,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_tokens_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 100))),
  constraint api_tokens_scopes_check CHECK (((scopes <> '{}'::text[]) AND (scopes <@ ARRAY['read'::text, 'build'::text, 'admin'::text, 'runner'::text]))),
  constraint api_tokens_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint api_tokens_pkey PRIMARY KEY (id),
  constraint api_tokens_token_hash_key UNIQUE (token_hash),
  constraint api_tokens_created_by_fkey FOREIGN KEY (created_by) REFERENCES auth.users(id) ON DELETE CASCADE,
  constraint api_tokens_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE
);
CREATE INDEX api_tokens_created_by ON registry.api_tokens USING btree (created_by);
CREATE INDEX api_tokens_org_id ON registry.api_tokens USING btree (org_id);
alter table registry.api_tokens enable row level security;
create policy admins_read on registry.api_tokens for select to authenticated using ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role))));
grant delete, insert, select, update on registry.api_tokens to service_role;
grant select (id, org_id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, revoked_at) on registry.api_tokens to authenticated;

create table registry.auth_sessions (
  id uuid not null,
  user_id uuid not null,
  user_agent text,
  method text not null,
  created_at timestamp with time zone default now() not null,
  refreshed_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  constraint auth_sessions_method_check CHECK ((method = ANY (ARRAY['password'::text, 'otp'::text]))),
  constraint auth_sessions_pkey PRIMARY KEY (id),
  constraint auth_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);
CREATE INDEX auth_sessions_user_id ON registry.auth_sessions USING btree (user_id);
alter table registry.auth_sessions enable row level security;
grant delete, insert, select, update on registry.auth_sessions to service_role;

create table registry.credentials (
  user_id uuid not null,
  password_hash text not null,
  updated_at timestamp with time zone default now() not null,
  constraint credentials_pkey PRIMARY KEY (user_id),
  constraint credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);
alter table registry.credentials enable row level security;
grant delete, insert, select, update on registry.credentials to service_role;

create table registry.definitions (
  only_row boolean default true not null,
  checksum text not null,
  functions text[] not null,
  applied_at timestamp with time zone default now() not null,
  constraint definitions_only_row_check CHECK (only_row),
  constraint definitions_pkey PRIMARY KEY (only_row)
);
alter table registry.definitions enable row level security;
grant select on registry.definitions to service_role;

create table registry.migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint migrations_pkey PRIMARY KEY (name)
);
alter table registry.migrations enable row level security;
grant select on registry.migrations to service_role;

create table registry.org_members (
  org_id uuid not null,
  user_id uuid not null,
  role text not null,
  status text default 'active'::text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint org_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'developer'::text, 'viewer'::text]))),
  constraint org_members_status_check CHECK ((status = ANY (ARRAY['active'::text, 'invited'::text, 'removed'::text]))),
  constraint org_members_pkey PRIMARY KEY (org_id, user_id),
  constraint org_members_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE,
  constraint org_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);
CREATE INDEX org_members_user ON registry.org_members USING btree (user_id);
alter table registry.org_members enable row level security;
create policy members_read on registry.org_members for select to authenticated using ((org_id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on registry.org_members to service_role;
grant select on registry.org_members to authenticated;

create table registry.orgs (
  id uuid default gen_random_uuid() not null,
  name text not null,
  slug text not null,
  created_at timestamp with time zone default now() not null,
  constraint orgs_name_check CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 200))),
  constraint orgs_slug_check CHECK ((slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'::text)),
  constraint orgs_pkey PRIMARY KEY (id),
  constraint orgs_slug_key UNIQUE (slug)
);
alter table registry.orgs enable row level security;
create policy members_read on registry.orgs for select to authenticated using ((id = ANY (ARRAY( SELECT ops.my_org_ids() AS my_org_ids))));
grant delete, insert, select, update on registry.orgs to service_role;
grant select on registry.orgs to authenticated;
CREATE TRIGGER create_lane AFTER INSERT ON registry.orgs FOR EACH ROW EXECUTE FUNCTION registry.create_org_lane();
CREATE TRIGGER fill_slug BEFORE INSERT ON registry.orgs FOR EACH ROW EXECUTE FUNCTION registry.fill_org_slug();

create table registry.refresh_tokens (
  token_hash bytea not null,
  session_id uuid not null,
  created_at timestamp with time zone default now() not null,
  used_at timestamp with time zone,
  constraint refresh_tokens_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint refresh_tokens_pkey PRIMARY KEY (token_hash),
  constraint refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES registry.auth_sessions(id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_session_id ON registry.refresh_tokens USING btree (session_id);
alter table registry.refresh_tokens enable row level security;
grant delete, insert, select, update on registry.refresh_tokens to service_role;

create table registry.server_keys (
  id uuid not null,
  kind text not null,
  key_hash bytea not null,
  sealed bytea not null,
  public_jwk jsonb,
  created_at timestamp with time zone default now() not null,
  superseded_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint server_keys_check CHECK (((public_jwk IS NOT NULL) = (kind = 'signing'::text))),
  constraint server_keys_key_hash_check CHECK ((length(key_hash) = 32)),
  constraint server_keys_kind_check CHECK ((kind = ANY (ARRAY['publishable'::text, 'secret'::text, 'ingest'::text, 'advisory'::text, 'signing'::text]))),
  constraint server_keys_pkey PRIMARY KEY (id),
  constraint server_keys_key_hash_key UNIQUE (key_hash)
);
CREATE UNIQUE INDEX server_keys_current ON registry.server_keys USING btree (kind) WHERE ((superseded_at IS NULL) AND (revoked_at IS NULL));
CREATE UNIQUE INDEX server_keys_previous ON registry.server_keys USING btree (kind) WHERE ((superseded_at IS NOT NULL) AND (revoked_at IS NULL));
alter table registry.server_keys enable row level security;
grant delete, insert, select, update on registry.server_keys to service_role;

create table registry.sessions (
  token_hash bytea not null,
  user_id uuid not null,
  user_agent text,
  created_at timestamp with time zone default now() not null,
  last_seen_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  constraint sessions_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint sessions_pkey PRIMARY KEY (token_hash),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_id ON registry.sessions USING btree (user_id);
alter table registry.sessions enable row level security;
grant delete, insert, select, update on registry.sessions to service_role;

create table registry.signin_links (
  token_hash bytea not null,
  user_id uuid not null,
  purpose text not null,
  org_id uuid,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint signin_links_check CHECK (((purpose = 'invite'::text) = (org_id IS NOT NULL))),
  constraint signin_links_purpose_check CHECK ((purpose = ANY (ARRAY['signin'::text, 'invite'::text]))),
  constraint signin_links_token_hash_check CHECK ((length(token_hash) = 32)),
  constraint signin_links_pkey PRIMARY KEY (token_hash),
  constraint signin_links_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE,
  constraint signin_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE
);
CREATE INDEX signin_links_org_id ON registry.signin_links USING btree (org_id);
CREATE INDEX signin_links_user_id ON registry.signin_links USING btree (user_id);
alter table registry.signin_links enable row level security;
grant delete, insert, select, update on registry.signin_links to service_role;

create table registry.webhook_secrets (
  org_id uuid not null,
  provider text default 'github'::text not null,
  sealed bytea not null,
  previous_sealed bytea,
  rotated_at timestamp with time zone default now() not null,
  constraint webhook_secrets_provider_check CHECK ((provider = ANY (ARRAY['github'::text, 'gitlab'::text, 'gitea'::text]))),
  constraint webhook_secrets_pkey PRIMARY KEY (org_id, provider),
  constraint webhook_secrets_org_id_fkey FOREIGN KEY (org_id) REFERENCES registry.orgs(id) ON DELETE CASCADE
);
alter table registry.webhook_secrets enable row level security;
create policy admins_read on registry.webhook_secrets for select to authenticated using ((org_id = ANY (ARRAY( SELECT registry.org_ids_with_role('admin'::text) AS org_ids_with_role))));
grant delete, insert, select, update on registry.webhook_secrets to service_role;
grant select (org_id, provider, rotated_at) on registry.webhook_secrets to authenticated;

create view metrics.deployment_events with (security_invoker=true) as
  id uuid,
  deployment_id text,
  environment text,
  status text,
  deployed_at timestamp with time zone,
  commit_sha text,
  branch_name text,
  pr_number integer,
  deployed_by text,
  metadata jsonb,
  created_at timestamp with time zone,
  project_id uuid,
  org_id uuid;
grant insert, select on metrics.deployment_events to authenticated;
grant insert, select on metrics.deployment_events to service_role;
CREATE TRIGGER insert_deployment_event INSTEAD OF INSERT ON metrics.deployment_events FOR EACH ROW EXECUTE FUNCTION metrics.insert_deployment_event();

create view ops.build_events with (security_invoker=true) as
  id bigint,
  build_id uuid,
  ts timestamp with time zone,
  phase text,
  level text,
  message text,
  meta jsonb,
  org_id uuid;
grant insert, select on ops.build_events to service_role;
grant select on ops.build_events to authenticated;
CREATE TRIGGER insert_build_event INSTEAD OF INSERT ON ops.build_events FOR EACH ROW EXECUTE FUNCTION ops.insert_build_event();

create view ops.build_logs with (security_invoker=true) as
  id bigint,
  build_id uuid,
  line bigint,
  ts timestamp with time zone,
  phase text,
  level text,
  stream text,
  message text,
  org_id uuid;
grant select on ops.build_logs to authenticated;
grant select on ops.build_logs to service_role;

create view ops.deployment_logs with (security_invoker=true) as
  id uuid,
  venture_id uuid,
  deployment_version text,
  deployment_status text,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  rollback_reason text,
  downtime_minutes numeric,
  downtime_detected_at timestamp with time zone,
  created_at timestamp with time zone,
  environment text,
  org_id uuid;
grant insert, select, update on ops.deployment_logs to authenticated;
grant insert, select, update on ops.deployment_logs to service_role;
CREATE TRIGGER write_deployment_log INSTEAD OF INSERT OR UPDATE ON ops.deployment_logs FOR EACH ROW EXECUTE FUNCTION ops.write_deployment_log();

create view ops.rollback_logs with (security_invoker=true) as
  id uuid,
  deployment_id uuid,
  rollback_trigger text,
  rollback_type text,
  triggered_at timestamp with time zone,
  completed_at timestamp with time zone,
  rollback_duration_minutes numeric(14,4),
  rollback_success boolean,
  rollback_reason text,
  created_at timestamp with time zone,
  org_id uuid;
grant insert, select, update on ops.rollback_logs to authenticated;
grant insert, select, update on ops.rollback_logs to service_role;
CREATE TRIGGER write_rollback_log INSTEAD OF INSERT OR UPDATE ON ops.rollback_logs FOR EACH ROW EXECUTE FUNCTION ops.write_rollback_log();

create function metrics.calculate_avg_pr_cycle_time(start_date timestamp with time zone, end_date timestamp with time zone, env text DEFAULT 'all'::text, p_project_id uuid DEFAULT NULL::uuid) returns numeric
  language plpgsql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function metrics.calculate_avg_test_pass_rate(start_date timestamp with time zone, end_date timestamp with time zone, env text DEFAULT 'all'::text, p_project_id uuid DEFAULT NULL::uuid) returns numeric
  language plpgsql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function metrics.calculate_deployment_frequency(start_date timestamp with time zone, end_date timestamp with time zone, env text DEFAULT 'production'::text, p_project_id uuid DEFAULT NULL::uuid) returns numeric
  language plpgsql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function metrics.calculate_rule_compliance_rate(start_date timestamp with time zone, end_date timestamp with time zone, env text DEFAULT 'all'::text, p_project_id uuid DEFAULT NULL::uuid) returns numeric
  language plpgsql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function metrics.figure_end(p_start timestamp with time zone, p_end timestamp with time zone, p_env text, p_known_envs text[] DEFAULT NULL::text[]) returns timestamp with time zone
  language plpgsql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function metrics.fill_test_run() returns trigger
  language plpgsql volatile security definer set search_path="";

create function metrics.insert_deployment_event() returns trigger
  language plpgsql volatile set search_path="";

create function ops.add_run(p_build_id uuid, p_priority integer) returns uuid
  language plpgsql volatile set search_path="";

create function ops.advisory_status(p_status text, p_snoozed_until timestamp with time zone) returns text
  language sql stable set search_path="";

create function ops.append_build_event(p_build_id uuid, p_phase text, p_level text, p_message text, p_meta jsonb DEFAULT '{}'::jsonb, p_token bigint DEFAULT NULL::bigint) returns bigint
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.append_log_chunk(p_build_id uuid, p_token bigint, p_first_line bigint, p_base_ms bigint, p_dt_ms integer[], p_kind smallint[], p_body text, p_marks jsonb DEFAULT NULL::jsonb, p_max_log_bytes bigint DEFAULT NULL::bigint) returns bigint
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.apply_push(p_delivery bigint, p_repo_urls text[], p_branch text, p_sha text, p_message text, p_author text, p_pushed_at timestamp with time zone, p_created boolean, p_deleted boolean) returns text
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.archive_project(p_project_id uuid) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.artifact_location(p_artifact_id uuid) returns TABLE(build_id uuid, name text, storage_path text, size_bytes bigint, mime_type text, sha256 text)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.audit(p_org_id uuid, p_action text, p_target text, p_detail jsonb DEFAULT '{}'::jsonb) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.audit_entries(p_org_id uuid, p_actor text DEFAULT NULL::text, p_action text DEFAULT NULL::text, p_before bigint DEFAULT NULL::bigint, p_limit integer DEFAULT 100) returns TABLE(id bigint, actor text, actor_name text, action text, target text, detail jsonb, created_at timestamp with time zone)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.audit_upgrade() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.authenticate_runner(p_token_hash bytea) returns TABLE(runner_id uuid, org_id uuid, name text)
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.blocking_run(p_queue_id uuid) returns TABLE(build_id uuid, build_number integer, running_seconds numeric)
  language sql stable set search_path="";

create function ops.branch_builds(p_branch_id uuid) returns TABLE(id uuid, project_id uuid, branch_id uuid, build_number integer, status text, trigger text, commit_sha text, commit_message text, started_at timestamp with time zone, finished_at timestamp with time zone, duration_seconds integer, error_message text, created_by uuid, created_at timestamp with time zone)
  language sql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.build_detail(p_build_id uuid) returns jsonb
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.build_logs(p_build_id uuid, p_limit integer DEFAULT 1000, p_offset integer DEFAULT 0) returns TABLE(id bigint, build_id uuid, ts timestamp with time zone, phase text, level text, message text, meta jsonb)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.build_state(p_build_id uuid) returns TABLE(id uuid, org_id uuid, project_id uuid, branch_id uuid, build_number integer, status text, failure_reason text, error_message text, attempt integer, cancel_requested boolean, created_at timestamp with time zone, started_at timestamp with time zone, finished_at timestamp with time zone, duration_seconds integer, next_line bigint)
  language sql stable set search_path="";
  grant execute to service_role;

create function ops.build_tests(p_build_id uuid) returns TABLE(suite text, name text, outcome text, duration_seconds double precision, failure text, newly_failed boolean)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.calculate_deployment_success_rate(days_back integer DEFAULT 30, env text DEFAULT 'all'::text, p_project_id uuid DEFAULT NULL::uuid) returns TABLE(successful_deployments bigint, total_deployments bigint, success_rate_percent numeric)
  language plpgsql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.changed_builds(p_org_ids uuid[], p_unfinished uuid[], p_limit integer DEFAULT 100) returns TABLE(id uuid, org_id uuid, project_id uuid, branch_id uuid, build_number integer, status text, failure_reason text, error_message text, attempt integer, cancel_requested boolean, created_at timestamp with time zone, started_at timestamp with time zone, finished_at timestamp with time zone, duration_seconds integer)
  language sql stable set search_path="";
  grant execute to service_role;

create function ops.check_build_request(p_trigger text, p_commit_sha text, p_params jsonb, p_priority integer) returns void
  language plpgsql immutable set search_path="";

create function ops.check_buildable(p_project_id uuid, p_branch_id uuid) returns void
  language plpgsql stable set search_path="";

create function ops.check_samples() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.claim_for_runner(p_runner_id uuid, p_lease_seconds integer DEFAULT 30) returns TABLE(build_id uuid, queue_id uuid, org_id uuid, project_id uuid, project_slug text, branch_id uuid, branch_name text, build_number integer, repo_url text, commit_sha text, attempt integer, fencing_token bigint, next_line bigint, params jsonb)
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.claim_next_run(p_runner_id text) returns TABLE(queue_id uuid, build_id uuid, project_id uuid, branch_id uuid, fencing_token bigint)
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.close_advisory(p_advisory_id uuid, p_status text) returns void
  language plpgsql volatile set search_path="";

create function ops.close_run(p_build_id uuid, p_status text, p_reason text, p_message text, p_outcome text DEFAULT 'finished'::text, p_detail text DEFAULT NULL::text) returns void
  language plpgsql volatile set search_path="";

create function ops.create_project(p_org_id uuid, p_name text, p_repo_url text, p_slug text DEFAULT NULL::text, p_default_branch text DEFAULT NULL::text) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.default_project(p_org_id uuid DEFAULT NULL::uuid) returns uuid
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.delete_project_secret(p_project_id uuid, p_name text) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.dismiss_advisory(p_advisory_id uuid) returns void
  language sql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.drop_log_partitions_before(p_day date) returns integer
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.drop_sample_partitions_before(p_day date) returns integer
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.due_webhooks(p_limit integer) returns TABLE(id bigint, org_id uuid, provider text, event text, payload jsonb, attempts integer)
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.enqueue_build(p_build_id uuid, p_priority integer DEFAULT 5) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.ensure_log_partitions(p_weeks_ahead integer DEFAULT 4) returns integer
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.ensure_sample_partitions(p_weeks_ahead integer DEFAULT 4) returns integer
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.expired_leases(p_limit integer DEFAULT 100) returns TABLE(build_id uuid, org_id uuid, token bigint, runner_id text, attempt integer, max_attempts integer, renewed_at timestamp with time zone, expires_at timestamp with time zone, now timestamp with time zone)
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function ops.fail_lost_run(p_build_id uuid, p_token bigint, p_detail text) returns boolean
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.fill_artifact() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_build() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_deployment() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_monitoring() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_org_from_project() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_org_of_record() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_project() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_project_from_caller() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_rollback() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_run() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_system_metric() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.fill_total_tokens() returns trigger
  language plpgsql volatile set search_path="";

create function ops.find_anything(p_org_id uuid, p_query text DEFAULT ''::text, p_limit integer DEFAULT 20) returns TABLE(kind text, label text, note text, status text, org_slug text, project_slug text, branch_id uuid, build_id uuid)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.finish_run(p_build_id uuid, p_token bigint, p_status text, p_reason text DEFAULT NULL::text, p_message text DEFAULT NULL::text, p_next_line bigint DEFAULT NULL::bigint) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.finish_webhook(p_id bigint, p_outcome text) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.first_stage(p_project_id uuid, p_branch text, p_default_branch text) returns text
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function ops.forget_samples() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.free_slot(p_org_id uuid, p_branch_id uuid, p_ended boolean) returns void
  language plpgsql volatile set search_path="";

create function ops.hold_advisory(p_advisory_id uuid, p_to text) returns ops.advisories
  language plpgsql volatile set search_path="";

create function ops.hold_lease(p_build_id uuid, p_token bigint) returns ops.leases
  language plpgsql volatile set search_path="";

create function ops.ingest_samples(p_project_id uuid, p_branch_id uuid, p_ts timestamp with time zone, p_metrics text[], p_values double precision[], p_dims jsonb[] DEFAULT NULL::jsonb[], p_idempotency_key text DEFAULT NULL::text, p_request_hash bytea DEFAULT NULL::bytea) returns bigint
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.insert_build_event() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.lease_for_write(p_build_id uuid, p_token bigint) returns ops.leases
  language plpgsql volatile set search_path="";

create function ops.list_advisories(p_project_id uuid) returns TABLE(id uuid, project_id uuid, severity text, category text, title text, recommendation text, evidence jsonb, fix_sql text, status text, created_at timestamp with time zone, updated_at timestamp with time zone, resolved_at timestamp with time zone, snoozed_until timestamp with time zone, resolved_by uuid, key text)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.list_project_secrets(p_project_id uuid) returns TABLE(name text, updated_by uuid, updated_by_email text, updated_at timestamp with time zone)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.list_projects() returns TABLE(id uuid, org_id uuid, name text, slug text, repo_url text, default_branch text, runtime_version text, status text, created_at timestamp with time zone, updated_at timestamp with time zone, branch_count bigint, last_build_status text, last_build_at timestamp with time zone)
  language sql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.list_runners(p_org_id uuid) returns TABLE(id uuid, org_id uuid, name text, version text, os text, arch text, host text, slots integer, sandbox_level text, registered_at timestamp with time zone, last_seen_at timestamp with time zone, online boolean, running_builds uuid[])
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.lock_lane(p_org_id uuid) returns void
  language plpgsql volatile set search_path="";

create function ops.lock_next_lane(p_org_id uuid) returns uuid
  language plpgsql volatile set search_path="";

create function ops.log_chunks_from(p_build_id uuid, p_from bigint DEFAULT 1, p_limit_chunks integer DEFAULT 100) returns TABLE(first_line bigint, base_at timestamp with time zone, dt_ms integer[], kind smallint[], body text)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.log_kind(p_phase text, p_level text) returns smallint
  language plpgsql immutable set search_path="";

create function ops.log_lines(p_build_id uuid, p_from bigint DEFAULT 1, p_limit integer DEFAULT 1000) returns TABLE(line bigint, ts timestamp with time zone, phase text, level text, flags smallint, message text)
  language sql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.log_marks(p_build_id uuid) returns TABLE(line bigint, kind text, label text)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.log_search(p_build_id uuid, p_query text, p_limit integer DEFAULT 200) returns TABLE(line bigint, ts timestamp with time zone, level text, message text)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.lose_run(p_build_id uuid, p_token bigint, p_next_attempt_at timestamp with time zone, p_detail text) returns boolean
  language plpgsql volatile set search_path="";

create function ops.mark_rolled_back() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.my_org_ids() returns SETOF uuid
  language sql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.org_of_build(p_build_id uuid, p_min_role text) returns uuid
  language plpgsql stable set search_path="";

create function ops.org_of_project(p_project_id uuid, p_min_role text) returns uuid
  language plpgsql stable set search_path="";

create function ops.postpone_webhook(p_id bigint, p_next_attempt_at timestamp with time zone, p_error text) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.project_branches(p_project_id uuid) returns TABLE(id uuid, project_id uuid, name text, stage text, is_production boolean, last_build_id uuid, git_ref text, status text, created_at timestamp with time zone, updated_at timestamp with time zone, build_count bigint, last_build_status text, last_build_at timestamp with time zone)
  language sql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.project_builds(p_project_id uuid, p_branch_id uuid DEFAULT NULL::uuid, p_status text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_before timestamp with time zone DEFAULT NULL::timestamp with time zone) returns TABLE(id uuid, org_id uuid, project_id uuid, branch_id uuid, branch_name text, stage text, build_number integer, status text, failure_reason text, trigger text, commit_sha text, commit_message text, commit_author text, pr_number integer, started_at timestamp with time zone, finished_at timestamp with time zone, duration_seconds integer, error_message text, test_results jsonb, cancel_requested boolean, created_by uuid, created_at timestamp with time zone)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.project_by_repo(p_org_id uuid, p_repo_url text) returns uuid
  language sql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.project_metrics(p_project_id uuid, p_metric text, p_hours integer DEFAULT 24) returns TABLE(ts timestamp with time zone, value double precision, dims jsonb)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.projects_to_sync(p_limit integer) returns TABLE(project_id uuid, org_id uuid, repo_url text, default_branch text)
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.projects_without_builds() returns TABLE(org_id uuid, project_id uuid, severity text, category text, title text, recommendation text, evidence jsonb)
  language sql stable set search_path="" set TimeZone=UTC;

create function ops.promote_due_runs(p_limit integer DEFAULT 500) returns integer
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.push_branch(p_project_id uuid, p_key text, p_branch text, p_sha text, p_message text, p_author text, p_pushed_at timestamp with time zone, p_deleted boolean) returns text
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.put_back_run(p_build_id uuid, p_next_attempt_at timestamp with time zone, p_outcome text, p_detail text) returns void
  language plpgsql volatile set search_path="";

create function ops.queue_rank(p_stage text, p_priority integer, p_queued_at timestamp with time zone) returns timestamp with time zone
  language sql stable set search_path="";

create function ops.ready_branch(p_branch_id uuid) returns timestamp with time zone
  language plpgsql volatile set search_path="";

create function ops.rebuild(p_build_id uuid) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.receive_webhook(p_org_id uuid, p_provider text, p_delivery_id text, p_event text, p_payload jsonb) returns boolean
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.record_artifact(p_build_id uuid, p_token bigint, p_type text, p_name text, p_storage_path text, p_size_bytes bigint, p_mime_type text, p_sha256 text) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.record_commit(p_build_id uuid, p_token bigint, p_sha text, p_message text, p_author text, p_recipe text, p_sandbox_level text) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.record_fenced_write(p_build_id uuid, p_token bigint, p_operation text, p_runner_id text DEFAULT NULL::text) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.record_steps(p_build_id uuid, p_token bigint, p_steps jsonb) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.record_sync_error(p_project_id uuid, p_error text) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.record_tests(p_build_id uuid, p_token bigint, p_report jsonb) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.refuse_log_chunk(p_build_id uuid, p_token bigint, p_first_line bigint, p_count integer, p_max_log_bytes bigint) returns bigint
  language plpgsql volatile set search_path="";

create function ops.refuse_samples(p_ts timestamp with time zone, p_metrics text[], p_values double precision[], p_dims jsonb[]) returns void
  language plpgsql stable set search_path="";

create function ops.register_runner(p_org_id uuid, p_name text, p_token_hash bytea, p_version text, p_os text, p_arch text, p_host text, p_slots integer, p_sandbox_level text) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.release_run(p_build_id uuid, p_token bigint, p_next_attempt_at timestamp with time zone, p_message text) returns text
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.remove_runner(p_runner_id uuid) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.renew_lease(p_build_id uuid, p_token bigint, p_lease_seconds integer DEFAULT 30) returns TABLE(remaining_ms bigint, cancel_reason text, next_line bigint)
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.repo_key(p_url text) returns text
  language sql immutable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.request_cancel(p_build_id uuid) returns text
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.request_sync(p_project_id uuid) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.requeue_run(p_build_id uuid, p_token bigint, p_next_attempt_at timestamp with time zone, p_detail text) returns boolean
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.resolve_advisory(p_advisory_id uuid) returns void
  language sql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.retry_or_end_run(p_lease ops.leases, p_next_attempt_at timestamp with time zone, p_outcome text, p_reason text, p_detail text) returns void
  language plpgsql volatile set search_path="";

create function ops.runner_name(p_runner_id text) returns text
  language sql stable set search_path="";

create function ops.runs_ahead(p_queue_id uuid) returns integer
  language sql stable set search_path="";

create function ops.scan_advisories() returns bigint
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.sealed_project_secrets(p_project_id uuid) returns TABLE(name text, sealed bytea)
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function ops.set_branch_stage(p_branch_id uuid, p_stage text) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.set_build_status(p_build_id uuid, p_status text, p_error_message text DEFAULT NULL::text, p_token bigint DEFAULT NULL::bigint) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.set_org_limit(p_org_id uuid, p_max_running integer) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.set_production_branch(p_branch_id uuid) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.set_project_secret(p_project_id uuid, p_name text, p_sealed bytea) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.snooze_advisory(p_advisory_id uuid, p_until timestamp with time zone) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.start_build(p_build_id uuid, p_leased boolean) returns void
  language plpgsql volatile set search_path="";

create function ops.supersede_older(p_branch_id uuid, p_build_number integer) returns integer
  language plpgsql volatile set search_path="";

create function ops.sync_branch_stage() returns trigger
  language plpgsql volatile security definer set search_path="";

create function ops.sync_branches(p_project_id uuid, p_default_branch text, p_branches jsonb) returns TABLE(branch_id uuid, name text, change text, head_sha text)
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function ops.take_run(p_org_id uuid, p_runner_id text, p_lease_seconds integer, p_start boolean, OUT o_run ops.run_queue, OUT o_lease ops.leases) returns record
  language plpgsql volatile set search_path="" set enable_seqscan=off set enable_bitmapscan=off set enable_sort=off;

create function ops.touch_updated_at() returns trigger
  language plpgsql volatile set search_path="";

create function ops.trigger_build(p_project_id uuid, p_branch_id uuid, p_trigger text DEFAULT 'manual'::text, p_commit_sha text DEFAULT NULL::text, p_commit_message text DEFAULT NULL::text, p_params jsonb DEFAULT '{}'::jsonb, p_priority integer DEFAULT 5, p_idempotency_key text DEFAULT NULL::text, p_request_hash bytea DEFAULT NULL::bytea) returns jsonb
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.unescape_line(p_line text) returns text
  language sql immutable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.update_lane(p_org_id uuid) returns void
  language plpgsql volatile set search_path="";

create function ops.usual_build_seconds(p_branch_id uuid) returns numeric
  language sql stable set search_path="";

create function ops.why_queued(p_build_id uuid) returns jsonb
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function ops.write_deployment_log() returns trigger
  language plpgsql volatile set search_path="";

create function ops.write_event(p_build_id uuid, p_phase text, p_level text, p_message text, p_meta jsonb, p_token bigint, p_at timestamp with time zone) returns bigint
  language plpgsql volatile set search_path="";

create function ops.write_line(p_build_id uuid, p_phase text, p_level text, p_message text, p_meta jsonb DEFAULT '{}'::jsonb, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone) returns bigint
  language plpgsql volatile set search_path="";

create function ops.write_rollback_log() returns trigger
  language plpgsql volatile set search_path="";

create function registry.accept_invitation(p_hash bytea, p_email text, p_password_hash text) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.account_in_use(p_user_id uuid) returns boolean
  language sql stable security definer set search_path="";

create function registry.auth_is_ours() returns boolean
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function registry.auth_session(p_session_id uuid, p_user_id uuid) returns TABLE(signed_in_at timestamp with time zone)
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function registry.auth_user(p_user_id uuid) returns TABLE(id uuid, email text, app_metadata jsonb, user_metadata jsonb, last_sign_in_at timestamp with time zone, created_at timestamp with time zone, updated_at timestamp with time zone)
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function registry.authenticate_session(p_hash bytea) returns TABLE(user_id uuid)
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.authenticate_token(p_hash bytea) returns TABLE(token_id uuid, org_id uuid, user_id uuid, scopes text[])
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.create_api_token(p_org_id uuid, p_name text, p_scopes text[], p_prefix text, p_token_hash bytea, p_expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.create_org(p_name text) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.create_org_lane() returns trigger
  language plpgsql volatile security definer set search_path="";

create function registry.create_session(p_hash bytea, p_user_id uuid, p_user_agent text, p_expires_at timestamp with time zone) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.create_signin_link(p_hash bytea, p_user_id uuid, p_purpose text, p_expires_at timestamp with time zone) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.default_org() returns uuid
  language plpgsql stable security definer set search_path="";
  grant execute to service_role;

create function registry.delete_expired_credentials() returns bigint
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.end_auth_sessions(p_user_id uuid, p_session_id uuid, p_scope text) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.end_session(p_hash bytea) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.ensure_owner(p_email text, p_org_name text) returns TABLE(user_id uuid, org_id uuid)
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.ensure_server_key(p_id uuid, p_kind text, p_hash bytea, p_sealed bytea, p_public_jwk jsonb) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.ensure_user(p_email text) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.fill_org_slug() returns trigger
  language plpgsql volatile security definer set search_path="";

create function registry.forget_password(p_user_id uuid) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.has_role(p_org_id uuid, p_min_role text) returns boolean
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.invite_member(p_org_id uuid, p_email text, p_role text, p_link_hash bytea, p_expires_at timestamp with time zone) returns TABLE(user_id uuid, status text)
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.is_service() returns boolean
  language plpgsql stable set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.join_org(p_hash bytea, p_user_id uuid) returns text
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.list_api_tokens(p_org_id uuid) returns TABLE(id uuid, name text, prefix text, scopes text[], created_by uuid, created_by_email text, created_at timestamp with time zone, expires_at timestamp with time zone, last_used_at timestamp with time zone)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.list_members(p_org_id uuid) returns TABLE(user_id uuid, email text, role text, status text, created_at timestamp with time zone)
  language plpgsql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.living_server_keys() returns TABLE(id uuid, kind text, key_hash bytea, sealed bytea, public_jwk jsonb, created_at timestamp with time zone, superseded_at timestamp with time zone, last_used_at timestamp with time zone)
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function registry.member_role(p_org_id uuid) returns text
  language sql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.my_orgs() returns TABLE(id uuid, name text, slug text, role text)
  language sql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.note_server_key_use(p_id uuid) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.org_ids_with_role(p_min_role text) returns SETOF uuid
  language sql stable security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.password_hash_for(p_email text) returns TABLE(user_id uuid, password_hash text)
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function registry.remove_member(p_org_id uuid, p_user_id uuid) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.require_other_owner(p_org_id uuid, p_user_id uuid) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.require_role(p_org_id uuid, p_min_role text, p_noun text) returns void
  language plpgsql stable security definer set search_path="";
  grant execute to service_role;

create function registry.revoke_api_token(p_token_id uuid) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.revoke_server_key(p_id uuid) returns boolean
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.rotate_server_key(p_id uuid, p_kind text, p_hash bytea, p_sealed bytea, p_public_jwk jsonb) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.set_member_role(p_org_id uuid, p_user_id uuid, p_role text) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.set_password(p_user_id uuid, p_password_hash text, p_keep_session bytea DEFAULT NULL::bytea) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.set_webhook_secret(p_org_id uuid, p_provider text, p_sealed bytea) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to authenticated;
  grant execute to service_role;

create function registry.slugify(p_name text, p_fallback text) returns text
  language sql immutable set search_path="";
  grant execute to service_role;

create function registry.start_auth_session(p_session_id uuid, p_user_id uuid, p_user_agent text, p_method text, p_refresh_hash bytea, p_expires_at timestamp with time zone) returns void
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.update_user_metadata(p_user_id uuid, p_changes jsonb) returns void
  language sql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.use_refresh_token(p_hash bytea, p_next_hash bytea, p_expires_at timestamp with time zone) returns TABLE(outcome text, session_id uuid, user_id uuid, method text, signed_in_at timestamp with time zone)
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.use_signin_link(p_hash bytea) returns uuid
  language plpgsql volatile security definer set search_path="";
  grant execute to service_role;

create function registry.user_by_email(p_email text) returns uuid
  language sql stable security definer set search_path="";
  grant execute to service_role;

create function registry.webhook_secret(p_target text, p_provider text) returns TABLE(org_id uuid, project_id uuid, sealed bytea, previous_sealed bytea)
  language plpgsql stable security definer set search_path="";
  grant execute to service_role;
