// Every function of the contract, by the right people and by the wrong ones.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { good } from "../support/world.js";
import { makeProject } from "./project.js";

/** The contract as a table that the Python suite reads too. */
const FUNCTIONS = JSON.parse(readFileSync(path.join(import.meta.dirname, "../functions.json"), "utf8"));
const STATUS = { PT403: 403, PT404: 404, PT409: 409 };

/** What the table's `$names` stand for, such as a build in no queue yet; and one of each event that figures are made of. */
async function fixtures(world) {
  const project = await makeProject(world, "Contract");
  const branch = project.branches.main;
  const [developer, service] = await Promise.all([world.as("developer"), world.as("service")]);
  const build = good(await developer.schema("ops").from("builds").insert({ branch_id: branch.id, project_id: project.id }).select("id, status, build_number").single(), "inserting a build");
  assert.deepEqual({ ...build, id: null }, { id: null, status: "queued", build_number: 1 });
  const advisory = good(
    await service
      .schema("ops")
      .from("advisories")
      .insert({ org_id: project.org_id, project_id: project.id, severity: "warning", category: "performance", title: "Builds are slow", recommendation: "Cache the dependencies" })
      .select("id")
      .single(),
    "inserting an advisory",
  );
  good(await service.schema("ops").from("metrics").insert({ org_id: project.org_id, project_id: project.id, metric: "queue_depth", value: 3, dims: { lane: "main" } }), "inserting a sample");
  const metrics = developer.schema("metrics");
  const parent = { project_id: project.id };
  const events = {
    deployment_events: { ...parent, deployment_id: "ship-1", status: "success", deployed_at: "2026-06-01T12:00:00Z" },
    pr_events: { ...parent, pr_number: 1, event_type: "merged", event_timestamp: "2026-06-01T12:00:00Z", cycle_time_seconds: 3600 },
    test_runs: { ...parent, run_id: "run-1", total_tests: 4, passed_tests: 3, failed_tests: 1, skipped_tests: 0 },
    rule_compliance_events: { ...parent, rule_name: "Documentation first", rule_category: "foundation", compliance_status: "compliant", context_type: "pr" },
  };
  for (const [table, row] of Object.entries(events)) good(await metrics.from(table).insert(row), `inserting into ${table}`);
  return { project: project.id, branch: branch.id, build: build.id, advisory: advisory.id };
}

const fill = (given, names) => Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name, typeof value === "string" && value.startsWith("$") ? names[value.slice(1)] : value]));

const shapes = {
  nothing: (data) => assert.equal(data, null),
  number: (data) => assert.equal(typeof data, "number"),
  uuid: (data) => assert.match(data, /^[0-9a-f-]{36}$/),
  values: (data) => assert.ok(Array.isArray(data) && data.length > 0 && data.every((value) => typeof value === "string"), JSON.stringify(data)),
  rows: (data, { columns, some }) => {
    assert.ok(Array.isArray(data) && data.length > 0, `no rows: ${JSON.stringify(data)}`);
    const names = Object.keys(data[0]);
    if (columns) assert.deepEqual(names, columns);
    for (const column of some ?? []) assert.ok(names.includes(column), `no column ${column}`);
  },
};

export const scenarios = [
  ["functions: each of the contract answers those who may call it and refuses the others", async ({ world, part }) => {
    const names = await fixtures(world);
    for (const row of FUNCTIONS) {
      const given = fill(row.arguments, names);
      await part(`${row.schema}.${row.name}(${Object.keys(given).join(", ")})`, async () => {
        const call = async (who) => (await world.as(who)).schema(row.schema).rpc(row.name, given);
        for (const [who, code] of Object.entries(row.refused)) {
          const { data, error, status } = await call(who);
          assert.equal(error?.code, code, `${who}: ${status} ${JSON.stringify(error ?? data)}`);
          assert.equal(status, STATUS[code] ?? (who === "anon" ? 401 : 403), `${who}: ${JSON.stringify(error)}`);
          assert.equal(data, null);
        }
        for (const who of row.nothing ?? []) assert.deepEqual(good(await call(who), `${row.name} as ${who}`), []);
        for (const who of row.by ?? ["viewer"]) shapes[row.answers](good(await call(who), `${row.name} as ${who}`), row);
      });
    }
  }],

  ["functions: a log comes newest first, and a page of it by limit and offset", async ({ world }) => {
    const project = await makeProject(world, "Log");
    const [developer, service] = await Promise.all([world.as("developer"), world.as("service")]);
    const build = good(await developer.schema("ops").from("builds").insert({ branch_id: project.branches.main.id, project_id: project.id }).select("id").single());
    const ids = [];
    for (const n of [1, 2, 3, 4, 5]) {
      ids.push(good(await service.schema("ops").rpc("append_build_event", { p_build_id: build.id, p_phase: "test", p_level: n === 4 ? "error" : "info", p_message: `line ${n}`, p_meta: { n } })));
    }
    const viewer = (await world.as("viewer")).schema("ops");
    const all = good(await viewer.rpc("build_logs", { p_build_id: build.id }));
    assert.deepEqual(all.map(({ message }) => message), ["line 5", "line 4", "line 3", "line 2", "line 1"]);
    assert.deepEqual(all.map(({ id }) => id), ids.toReversed());
    assert.deepEqual(all[1], { ...all[1], build_id: build.id, phase: "test", level: "error", meta: { n: 4 } });
    const page = good(await viewer.rpc("build_logs", { p_build_id: build.id, p_limit: 2, p_offset: 1 }));
    assert.deepEqual(page.map(({ message }) => message), ["line 4", "line 3"]);
    // The same rows, read as clients of the older tables do.
    for (const face of ["build_events", "build_logs"]) {
      const rows = good(await viewer.from(face).select("id, message, level").eq("build_id", build.id).eq("level", "error"), face);
      assert.deepEqual(rows, [{ id: ids[3], message: "line 4", level: "error" }]);
    }
    good(await service.schema("ops").rpc("set_build_status", { p_build_id: build.id, p_status: "cancelled" }));
  }],

  ["functions: a call's rows are filtered, picked, ordered, counted and read without a body", async ({ world }) => {
    const project = await makeProject(world, "Called");
    const viewer = (await world.as("viewer")).schema("ops");
    const call = (options) => viewer.rpc("project_branches", { p_project_id: project.id }, options);
    assert.deepEqual(good(await call().select("name, stage").neq("stage", "production").order("name", { ascending: false })), [
      { name: "staging", stage: "staging" },
      { name: "feature/cart", stage: "development" },
    ]);
    assert.deepEqual(good(await call().select("name").ilike("name", "%CART").single()), { name: "feature/cart" });
    assert.equal(good(await call({ count: "exact" }).select("id").limit(1)).count, 3);
    assert.equal(good(await call({ head: true, count: "exact" })).count, 3);
    assert.equal(good(await call({ get: true }).select("name")).length, 3, "by GET");
    assert.equal(good(await call().select("name, stage").order("name").csv()), "name,stage\nfeature/cart,development\nmain,production\nstaging,staging");
  }],

  ["functions: a call that writes cannot be made by GET", async ({ world }) => {
    const service = (await world.as("service")).schema("ops");
    const { error, status } = await service.rpc("claim_next_run", { p_runner_id: "reader" }, { get: true });
    assert.equal(status, 405, JSON.stringify(error));
    assert.equal(error.code, "25006");
  }],

  ["functions: a status that cannot follow is refused, and names both", async ({ world }) => {
    const project = await makeProject(world, "Moves");
    const service = (await world.as("service")).schema("ops");
    const build = good(await service.from("builds").insert({ org_id: project.org_id, project_id: project.id, branch_id: project.branches.main.id }).select("id").single());
    const { error, status } = await service.rpc("set_build_status", { p_build_id: build.id, p_status: "success" });
    assert.equal(status, 409);
    assert.match(error.message, /queued.*success/);
    assert.ok(error.hint, "says what would be right");
    good(await service.rpc("set_build_status", { p_build_id: build.id, p_status: "cancelled" }));
  }],
];
