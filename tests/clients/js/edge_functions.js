// supabase.functions.invoke: building, measuring, and what happens when the answer is lost on the way.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { FunctionsHttpError } from "@supabase/supabase-js";
import { good } from "../support/world.js";
import { makeProject } from "./project.js";

/** What a function answered. */
async function answer({ data, error }) {
  if (error) throw new Error(`${error}: ${error.context?.status} ${await error.context?.text?.()}`);
  return data;
}

/** The status and body of a refusal. */
async function refusal({ data, error }) {
  assert.equal(data, null);
  assert.ok(error instanceof FunctionsHttpError, `${error}`);
  return { status: error.context.status, body: await error.context.json() };
}

/** A client on the way that loses things. */
const through = (world, faults, headers) => world.client(world.status.ANON_KEY, { at: faults.url, headers });

/** Ends what a test queued, so that nobody claims it later. */
async function cancel(world, id) {
  good(await (await world.as("service")).schema("ops").rpc("set_build_status", { p_build_id: id, p_status: "cancelled" }));
}

export const scenarios = [
  ["functions.invoke: ops-trigger-build queues a build", async ({ world, part }) => {
    const project = await makeProject(world, "Triggered");
    const body = { project_id: project.id, branch_id: project.branches.main.id, trigger: "manual", params: { target: "build", env: "dev", force: false } };
    await part("by a developer", async () => {
      const data = await answer(await (await world.as("developer")).functions.invoke("ops-trigger-build", { body }));
      assert.deepEqual(Object.keys(data).sort(), ["build_id", "created_at", "queue_id", "queue_key", "status"]);
      assert.equal(data.status, "queued");
      const build = good(await (await world.as("viewer")).schema("ops").from("builds").select("status, params").eq("id", data.build_id).single());
      assert.deepEqual(build, { status: "queued", params: body.params });
      await cancel(world, data.build_id);
    });
    await part("not by nobody, a viewer or a stranger", async () => {
      assert.equal((await refusal(await (await world.as("anon")).functions.invoke("ops-trigger-build", { body }))).status, 401);
      for (const who of ["viewer", "stranger"]) {
        const { status, body: said } = await refusal(await (await world.as(who)).functions.invoke("ops-trigger-build", { body }));
        assert.equal(status, 403, who);
        assert.equal(typeof said.error, "string");
      }
    });
    await part("with a body that says what is missing", async () => {
      const { status, body: said } = await refusal(await (await world.as("developer")).functions.invoke("ops-trigger-build", { body: { project_id: project.id } }));
      assert.deepEqual({ status, error: said.error }, { status: 400, error: "branch_id is required" });
    });
  }],

  ["functions.invoke: ops-metrics-ingest keeps samples, all of a batch or none", async ({ world, part }) => {
    const project = await makeProject(world, "Measured");
    const client = world.client(world.status.ANON_KEY);
    const headers = { "x-ops-ingest-token": world.status.OPS_INGEST_TOKEN };
    const ts = new Date().toISOString();
    const ingest = (body, more) => client.functions.invoke("ops-metrics-ingest", { body: { project_id: project.id, ts, ...body }, headers: { ...headers, ...more } });
    const read = async () => good(await (await world.as("viewer")).schema("ops").rpc("project_metrics", { p_project_id: project.id, p_metric: "checkout_seconds", p_hours: 1 }));
    await part("what it inserted", async () => {
      const samples = [{ metric: "checkout_seconds", value: 1.5, dims: { region: "eu" } }, { metric: "checkout_total", value: 7 }];
      assert.deepEqual(await answer(await ingest({ samples })), { inserted: 2 });
      const [row] = await read();
      assert.deepEqual({ value: row.value, dims: row.dims }, { value: 1.5, dims: { region: "eu" } });
    });
    await part("a sample that is bad, and none of its batch", async () => {
      const { status, body } = await refusal(await ingest({ samples: [{ metric: "checkout_seconds", value: 2 }, { metric: "no spaces", value: 1 }] }));
      assert.equal(status, 400);
      assert.match(body.error, /1|second|no spaces/, "says which");
      assert.equal((await read()).length, 1);
    });
    await part("a wrong token, and none", async () => {
      assert.equal((await refusal(await ingest({ samples: [] }, { "x-ops-ingest-token": "wrong" }))).status, 401);
      assert.equal((await refusal(await client.functions.invoke("ops-metrics-ingest", { body: {} }))).status, 401);
    });
  }],

  ["functions.invoke: ops-advisory-scan finds the project that does not build, once", async ({ world }) => {
    const client = world.client(world.status.ANON_KEY);
    const scan = (token) => client.functions.invoke("ops-advisory-scan", { headers: { "x-ops-advisory-token": token } });
    assert.equal((await refusal(await scan("wrong"))).status, 401);
    const project = await makeProject(world, "Idle");
    const service = (await world.as("service")).schema("ops");
    good(await service.from("projects").update({ created_at: "2026-01-01T00:00:00Z" }).eq("id", project.id));
    assert.ok((await answer(await scan(world.status.OPS_ADVISORY_TOKEN))).advisories_created >= 1);
    assert.deepEqual(await answer(await scan(world.status.OPS_ADVISORY_TOKEN)), { advisories_created: 0 });
    const found = good(await (await world.as("viewer")).schema("ops").rpc("list_advisories", { p_project_id: project.id }));
    assert.deepEqual(found.map(({ status }) => status), ["open"]);
  }],

  ["retries: a read that is cut off or told to wait is asked again by the client itself", async ({ world, faults, part }) => {
    const { data: { session } } = await (await world.as("viewer")).auth.getSession();
    for (const kind of ["cut", "busy"]) {
      await part(kind, async () => {
        const id = randomUUID();
        const client = through(world, faults, { "x-fault": `${kind} ${id}`, authorization: `Bearer ${session.access_token}` });
        assert.deepEqual(good(await client.schema("ops").rpc("my_org_ids", {}, { get: true })), [world.orgs.acme]);
        assert.equal(faults.seen(id), 2);
      });
    }
  }],

  ["retries: a trigger whose answer was lost is repeated with its key, and builds once", async ({ world, faults }) => {
    const project = await makeProject(world, "Repeated");
    const { data: { session } } = await (await world.as("developer")).auth.getSession();
    const id = randomUUID();
    const client = through(world, faults, { "x-fault": `cut ${id}`, authorization: `Bearer ${session.access_token}` });
    const body = { project_id: project.id, branch_id: project.branches.main.id };
    const trigger = (more) => client.functions.invoke("ops-trigger-build", { body: { ...body, ...more }, headers: { "idempotency-key": id } });
    const lost = await trigger();
    assert.equal(lost.data, null);
    assert.equal(lost.error.name, "FunctionsFetchError");
    const repeated = await answer(await trigger());
    assert.deepEqual(await answer(await trigger()), repeated, "and the same answer again");
    const builds = good(await (await world.as("viewer")).schema("ops").from("builds").select("id").eq("project_id", project.id));
    assert.deepEqual(builds, [{ id: repeated.build_id }]);
    assert.equal((await refusal(await trigger({ params: { env: "prod" } }))).status, 409, "the key of another request");
    await cancel(world, repeated.build_id);
  }],
];
