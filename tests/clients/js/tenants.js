// Two organisations on one server, at the same time.

import assert from "node:assert/strict";
import { good } from "../support/world.js";
import { addBuilds, makeProject } from "./project.js";

export const scenarios = [
  ["tenants: two people who ask at the same moment each see their own", async ({ world }) => {
    const ours = await makeProject(world, "Ours");
    const theirs = await makeProject(world, "Theirs", "globex");
    await Promise.all([addBuilds(world, ours), addBuilds(world, theirs)]);
    const sides = [
      { client: (await world.as("viewer")).schema("ops"), org: world.orgs.acme, own: ours, other: theirs },
      { client: (await world.as("stranger")).schema("ops"), org: world.orgs.globex, own: theirs, other: ours },
    ];
    const asked = Array.from({ length: 40 }, async (_, n) => {
      const { client, org, own, other } = sides[n % 2];
      const [projects, builds, orgs] = await Promise.all([
        client.rpc("list_projects"),
        client.from("builds").select("org_id, projects(name)").in("project_id", [own.id, other.id]),
        client.rpc("my_org_ids"),
      ]);
      assert.deepEqual([...new Set(good(projects).map(({ org_id }) => org_id))], [org]);
      assert.equal(good(builds).length, 6);
      for (const build of good(builds)) assert.deepEqual(build, { org_id: org, projects: { name: own.name } });
      assert.deepEqual(good(orgs), [org]);
    });
    await Promise.all(asked);
  }],

  ["tenants: what is another's can be neither read, written nor guessed", async ({ world }) => {
    const theirs = await makeProject(world, "Hidden", "globex");
    const [build] = await addBuilds(world, theirs);
    const owner = (await world.as("owner")).schema("ops");
    assert.deepEqual(good(await owner.from("projects").select().eq("id", theirs.id)), []);
    assert.equal(good(await owner.from("builds").select("*", { count: "exact", head: true }).eq("project_id", theirs.id)).count, 0);
    const inserted = [
      await owner.from("projects").insert({ org_id: world.orgs.globex, name: "Mine", repo_url: "https://git.invalid/a.git" }),
      await owner.from("branches").insert({ org_id: world.orgs.globex, project_id: theirs.id, name: "mine" }),
      await owner.from("branches").insert({ org_id: world.orgs.acme, project_id: theirs.id, name: "mine" }),
      await owner.from("builds").insert({ org_id: world.orgs.acme, project_id: theirs.id, branch_id: theirs.branches.main.id }),
    ];
    for (const [n, { error, status }] of inserted.entries()) {
      assert.ok([403, 404, 409].includes(status), `insert ${n}: ${status} ${JSON.stringify(error)}`);
      assert.doesNotMatch(JSON.stringify(error), /Hidden|hidden-/, "nothing of the other's row is told");
    }
    const missing = "00000000-0000-4000-8000-000000000000";
    const call = (id) => owner.rpc("build_logs", { p_build_id: id });
    const [real, invented] = await Promise.all([call(build.id), call(missing)]);
    assert.deepEqual(real.error, invented.error, "a row of another org answers as if it did not exist");
    assert.equal(real.status, 404);
  }],

  ["tenants: a member who is removed sees nothing at the next request", async ({ world }) => {
    const leaver = await world.as("leaver");
    assert.deepEqual(good(await leaver.schema("ops").rpc("my_org_ids")), [world.orgs.acme]);
    const removed = await fetch(`${world.url}/api/ops/orgs/${world.orgs.acme}/members/${world.people.leaver.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${world.status.SERVICE_ROLE_KEY}` },
    });
    assert.equal(removed.status, 204);
    assert.deepEqual(good(await leaver.schema("ops").rpc("my_org_ids")), []);
    assert.deepEqual(good(await leaver.schema("ops").rpc("list_projects")), []);
    assert.deepEqual(good(await leaver.schema("ops").from("builds").select()), []);
  }],
];
