// The four keys a Supabase project has: two old ones that are tokens, two new ones that are not.

import assert from "node:assert/strict";
import { PostgrestClient } from "@supabase/postgrest-js";
import { good, ownAddress } from "../support/world.js";
import { makeProject } from "./project.js";

export const scenarios = [
  ["keys: the secret ones see all, the public ones nothing", async ({ world, part }) => {
    const { ANON_KEY, SERVICE_ROLE_KEY, PUBLISHABLE_KEY, SECRET_KEY } = world.status;
    assert.match(PUBLISHABLE_KEY ?? "", /^sb_publishable_/);
    assert.match(SECRET_KEY ?? "", /^sb_secret_/);
    await makeProject(world, "Seen");
    await makeProject(world, "Seen too", "globex");
    for (const [name, key] of Object.entries({ SERVICE_ROLE_KEY, SECRET_KEY })) {
      await part(name, async () => {
        const orgs = new Set(good(await world.client(key).schema("ops").rpc("list_projects")).map(({ org_id }) => org_id));
        assert.ok(orgs.has(world.orgs.acme) && orgs.has(world.orgs.globex));
      });
    }
    for (const [name, key] of Object.entries({ ANON_KEY, PUBLISHABLE_KEY })) {
      await part(name, async () => {
        for (const call of [world.client(key).schema("ops").rpc("list_projects"), world.client(key).schema("ops").from("projects").select()]) {
          const { error, status } = await call;
          assert.deepEqual({ status, code: error.code }, { status: 401, code: "42501" });
        }
      });
    }
    await part("the publishable key, and then a person", async () => {
      const client = world.client(PUBLISHABLE_KEY);
      const { email, password } = world.people.viewer;
      assert.equal((await client.auth.signInWithPassword({ email, password })).error, null);
      assert.deepEqual(good(await client.schema("ops").rpc("my_org_ids")), [world.orgs.acme]);
    });
    await part("a secret key that is not ours", async () => {
      const { error, status } = await world.client(`${SECRET_KEY.slice(0, -4)}AAAA`).schema("ops").rpc("list_projects");
      assert.equal(status, 401, JSON.stringify(error));
    });
  }],

  ["keys: postgrest-js alone, with ops as the schema it asks for by itself", async ({ world }) => {
    const headers = { apikey: world.status.ANON_KEY, authorization: `Bearer ${world.status.SERVICE_ROLE_KEY}`, "x-forwarded-for": ownAddress() };
    const client = new PostgrestClient(`${world.url}/rest/v1`, { headers });
    assert.ok(good(await client.from("projects").select("id").limit(1)).length === 1, "ops needs no name: it is the first schema");
    assert.ok(good(await client.rpc("list_projects")).length > 0);
    const metrics = new PostgrestClient(`${world.url}/rest/v1`, { headers, schema: "metrics" });
    assert.ok(Array.isArray(good(await metrics.from("pr_events").select("id").limit(1))));
  }],

  ["keys: a key that was changed and the one before it are both good, the one before that is not", async ({ world }) => {
    const operator = { authorization: `Bearer ${world.status.SERVICE_ROLE_KEY}`, "content-type": "application/json" };
    const rotate = async (kind) => {
      const answer = await fetch(`${world.url}/api/ops/keys`, { method: "POST", headers: operator, body: JSON.stringify({ kind }) });
      assert.equal(answer.status, 201);
      return answer.json();
    };
    const works = async (key) => {
      const { error, status } = await world.client(key).schema("ops").rpc("list_projects");
      assert.ok(status === 200 || status === 401, `${status} ${JSON.stringify(error)}`);
      return status === 200;
    };
    const first = world.status.SECRET_KEY;
    const second = (await rotate("secret")).key;
    assert.deepEqual([await works(first), await works(second)], [true, true]);
    const third = (await rotate("secret")).key;
    assert.deepEqual([await works(first), await works(second), await works(third)], [false, true, true]);
    world.status.SECRET_KEY = third;
  }],
];
