// Writing tables: what roles may, what keys may, and what comes back.

import assert from "node:assert/strict";
import { good } from "../support/world.js";
import { addBuilds, makeProject } from "./project.js";

const RLS = "42501";
const url = (slug) => `https://git.invalid/${slug}.git`;
const slugs = (rows) => rows.map(({ slug }) => slug).sort();

export const scenarios = [
  ["writes: an owner adds a project, a developer a branch and a build, a viewer nothing", async ({ world, part }) => {
    const ops = async (who) => (await world.as(who)).schema("ops");
    const org_id = world.orgs.acme;
    let project;
    await part("insert().select().single() answers the row with its defaults", async () => {
      project = good(await (await ops("owner")).from("projects").insert({ org_id, name: "Café Écluse", repo_url: url("cafe") }).select().single());
      assert.deepEqual({ ...project, slug: null }, { ...project, org_id, slug: null, default_branch: "main", runtime_version: "19.0", status: "active" });
      assert.match(project.slug, /^cafe-ecluse/);
    });
    await part("insert alone answers 201 and no body", async () => {
      const { data, error, status } = await (await ops("developer")).from("branches").insert({ project_id: project.id, name: "main" });
      assert.deepEqual({ data, error, status }, { data: null, error: null, status: 201 });
    });
    await part("what an outside client does not know is filled in", async () => {
      const branch = good(await (await ops("viewer")).from("branches").select().eq("project_id", project.id).single());
      assert.equal(branch.org_id, org_id);
      const build = good(await (await ops("developer")).from("builds").insert({ project_id: project.id, branch_id: branch.id, commit_message: "Outside" }).select().single());
      assert.deepEqual({ org_id: build.org_id, number: build.build_number, status: build.status, trigger: build.trigger }, { org_id, number: 1, status: "queued", trigger: "manual" });
    });
    await part("roles that may not are refused", async () => {
      const refused = {
        "a developer's project": await (await ops("developer")).from("projects").insert({ org_id, name: "No", repo_url: url("no") }),
        "a viewer's branch": await (await ops("viewer")).from("branches").insert({ org_id, project_id: project.id, name: "no" }),
        "a developer's production branch": await (await ops("developer")).from("branches").insert({ org_id, project_id: project.id, name: "no", stage: "production", is_production: true }),
        "an owner's update behind the functions": await (await ops("owner")).from("projects").update({ name: "Renamed" }).eq("id", project.id),
        "an owner's delete": await (await ops("owner")).from("projects").delete().eq("id", project.id),
      };
      for (const [what, { data, error, status }] of Object.entries(refused)) {
        assert.deepEqual({ data, status, code: error?.code }, { data: null, status: 403, code: RLS }, `${what}: ${JSON.stringify(error)}`);
        for (const key of ["details", "hint", "message"]) assert.ok(key in error, `${what}: no ${key}`);
      }
      const build = await (await ops("viewer")).from("builds").insert({ project_id: project.id, branch_id: project.id });
      assert.equal(build.status, 403, JSON.stringify(build.error));
      const nobody = await (await ops("anon")).from("projects").insert({ org_id, name: "No", repo_url: url("no") });
      assert.deepEqual({ status: nobody.status, code: nobody.error.code }, { status: 401, code: RLS });
    });
  }],

  ["writes: the service key inserts in bulk, upserts, updates and deletes", async ({ world, part }) => {
    const service = (await world.as("service")).schema("ops");
    const made = await makeProject(world, "Bulk");
    const org_id = made.org_id;
    const slug = (n) => `${made.slug}-${n}`;
    const row = (n, more) => ({ org_id, name: `Bulk ${n}`, slug: slug(n), repo_url: url(slug(n)), ...more });
    const bulk = () => service.from("projects").select("slug, name").like("slug", `${made.slug}-%`).order("slug");

    await part("bulk insert, counted", async () => {
      const { data, count, status } = await service.from("projects").insert([row(1), row(2), row(3)], { count: "exact" }).select("slug");
      assert.deepEqual({ slugs: slugs(data), count, status }, { slugs: [slug(1), slug(2), slug(3)], count: 3, status: 201 });
    });
    await part("rows with different keys take defaults only where asked", async () => {
      const rows = [row(4, { runtime_version: "18.0" }), row(5)];
      const { error } = await service.from("projects").insert(rows);
      assert.equal(error.code, "23502", "a key that is missing is null");
      const data = good(await service.from("projects").insert(rows, { defaultToNull: false }).select("runtime_version").order("slug"));
      assert.deepEqual(data, [{ runtime_version: "18.0" }, { runtime_version: "19.0" }]);
    });
    await part("all of a bulk or nothing", async () => {
      const { error, status } = await service.from("projects").insert([row(6), row(1)]);
      assert.deepEqual({ status, code: error.code }, { status: 409, code: "23505" });
      assert.equal(good(await bulk()).length, 5);
    });
    await part("upsert on a unique key", async () => {
      const onConflict = "org_id,slug";
      const merged = good(await service.from("projects").upsert([row(1, { name: "Merged" }), row(6)], { onConflict }).select("slug, name").order("slug"));
      assert.deepEqual(merged, [{ slug: slug(1), name: "Merged" }, { slug: slug(6), name: "Bulk 6" }]);
      const ignored = good(await service.from("projects").upsert([row(1, { name: "Ignored" }), row(7)], { onConflict, ignoreDuplicates: true }).select("slug"));
      assert.deepEqual(ignored, [{ slug: slug(7) }]);
      assert.equal(good(await bulk())[0].name, "Merged");
    });
    await part("upsert on the primary key", async () => {
      const [{ id }] = good(await service.from("projects").select("id").eq("slug", slug(2)));
      assert.deepEqual(good(await service.from("projects").upsert(row(2, { id, name: "By id" })).select("id, name").single()), { id, name: "By id" });
    });
    await part("update with a filter, counted and returned", async () => {
      const { data, count, status } = await service.from("projects").update({ status: "suspended" }, { count: "exact" }).in("slug", [slug(3), slug(4)]).select("slug, status").order("slug");
      assert.deepEqual({ data, count, status }, { data: [3, 4].map((n) => ({ slug: slug(n), status: "suspended" })), count: 2, status: 200 });
      const silent = await service.from("projects").update({ status: "active" }).eq("slug", slug(3));
      assert.deepEqual({ data: silent.data, status: silent.status, error: silent.error }, { data: null, status: 204, error: null });
      assert.deepEqual(good(await service.from("projects").update({ name: "Nobody" }).eq("slug", "no-such-slug").select()), []);
    });
    await part("single on an update of several rolls it back", async () => {
      const { error, status } = await service.from("projects").update({ name: "Twice" }).in("slug", [slug(3), slug(4)]).select().single();
      assert.deepEqual({ status, code: error.code }, { status: 406, code: "PGRST116" });
      assert.equal(good(await bulk()).filter(({ name }) => name === "Twice").length, 0);
    });
    await part("at most so many rows", async () => {
      const { error } = await service.from("projects").delete().like("slug", `${made.slug}-%`).maxAffected(2);
      assert.equal(error.code, "PGRST124");
      assert.equal(good(await bulk()).length, 7);
    });
    await part("delete, returned and silent", async () => {
      assert.deepEqual(good(await service.from("projects").delete().eq("slug", slug(7)).select("slug")), [{ slug: slug(7) }]);
      assert.equal((await service.from("projects").delete().like("slug", `${made.slug}-%`)).status, 204);
      assert.deepEqual(good(await bulk()), []);
    });
  }],

  ["writes: a deployment is recorded by its older name, and counted", async ({ world, part }) => {
    const project = await makeProject(world, "Deployed");
    const developer = await world.as("developer");
    const logs = developer.schema("ops").from("deployment_logs");
    const before = good(await developer.schema("ops").rpc("calculate_deployment_success_rate", { days_back: 1 }))[0];
    let row;
    await part("insert", async () => {
      row = good(await logs.insert({ venture_id: project.id, deployment_version: "1.4.0", deployment_status: "success", started_at: new Date().toISOString(), completed_at: new Date().toISOString() }).select().single());
      assert.deepEqual({ venture_id: row.venture_id, version: row.deployment_version, status: row.deployment_status }, { venture_id: project.id, version: "1.4.0", status: "success" });
      const [deployment] = good(await developer.schema("ops").from("deployments").select("version, status, org_id").eq("project_id", project.id));
      assert.deepEqual(deployment, { version: "1.4.0", status: "success", org_id: project.org_id });
    });
    await part("update", async () => {
      const changed = good(await developer.schema("ops").from("deployment_logs").update({ deployment_status: "rollback", rollback_reason: "error rate" }).eq("id", row.id).select("deployment_status, rollback_reason").single());
      assert.deepEqual(changed, { deployment_status: "rollback", rollback_reason: "error rate" });
    });
    await part("counted", async () => {
      const [after] = good(await developer.schema("ops").rpc("calculate_deployment_success_rate", { days_back: 1 }));
      assert.equal(Number(after.total_deployments), Number(before.total_deployments) + 1);
    });
    await part("read with its project and its rollback, which have older names too", async () => {
      const ops = developer.schema("ops");
      good(await ops.from("rollback_logs").insert({ deployment_id: row.id, rollback_trigger: "manual", rollback_reason: "error rate" }));
      const [log] = good(await ops.from("deployment_logs").select("deployment_version, projects(name), rollback_logs(rollback_reason)").eq("id", row.id));
      assert.deepEqual(log, { deployment_version: "1.4.0", projects: { name: "Deployed" }, rollback_logs: [{ rollback_reason: "error rate" }] });
      const [rollback] = good(await ops.from("rollback_logs").select("deployment_logs(deployment_version)").eq("deployment_id", row.id));
      assert.deepEqual(rollback, { deployment_logs: { deployment_version: "1.4.0" } });
    });
    await part("refused to others", async () => {
      for (const who of ["viewer", "stranger"]) {
        const { error, status } = await (await world.as(who)).schema("ops").from("deployment_logs").insert({ venture_id: project.id, deployment_version: "6.6.6", deployment_status: "success" });
        assert.ok([403, 404].includes(status), `${who}: ${status} ${JSON.stringify(error)}`);
      }
      assert.deepEqual(good(await (await world.as("stranger")).schema("ops").from("deployment_logs").update({ rollback_reason: "mine" }).eq("id", row.id).select()), []);
    });
  }],

  ["writes: development events go in as outside tools send them", async ({ world }) => {
    const project = await makeProject(world, "Events");
    const developer = (await world.as("developer")).schema("metrics");
    const at = new Date().toISOString();
    const event = { project_id: project.id, pr_number: 7, pr_title: "Cart", event_type: "merged", event_timestamp: at, author: "ada", labels: ["bug", "cart, checkout"], cycle_time_seconds: 3600 };
    const inserted = good(await developer.from("pr_events").insert(event).select("pr_number, labels, cycle_time_seconds").single());
    assert.deepEqual(inserted, { pr_number: 7, labels: ["bug", "cart, checkout"], cycle_time_seconds: 3600 });
    const found = good(await developer.from("pr_events").select("pr_number").eq("project_id", project.id).contains("labels", ["bug"]));
    assert.deepEqual(found, [{ pr_number: 7 }]);
    // The client writes a list as it is; an element with a comma takes PostgreSQL's own quotes.
    const quoted = good(await developer.from("pr_events").select("pr_number").eq("project_id", project.id).contains("labels", '{"cart, checkout"}'));
    assert.deepEqual(quoted, [{ pr_number: 7 }]);
    assert.deepEqual(good(await developer.from("pr_events").select("pr_number").eq("project_id", project.id).overlaps("labels", ["other"])), []);
  }],

  ["writes: builds that ran are not rewritten", async ({ world }) => {
    const project = await makeProject(world, "Kept");
    const [build] = await addBuilds(world, project);
    for (const who of ["developer", "owner"]) {
      const { error, status } = await (await world.as(who)).schema("ops").from("builds").update({ status: "success" }).eq("id", build.id);
      assert.deepEqual({ status, code: error.code }, { status: 403, code: RLS }, who);
    }
    const born = await (await world.as("developer")).schema("ops").from("builds").insert({ project_id: project.id, branch_id: project.branches.main.id, status: "success" });
    assert.equal(born.error.code, RLS, "a build is born queued");
  }],
];
