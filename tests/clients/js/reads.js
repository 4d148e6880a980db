// Reading tables with postgrest-js's whole vocabulary.

import assert from "node:assert/strict";
import { good } from "../support/world.js";
import { addBuilds, makeProject } from "./project.js";

async function fixtures(world) {
  const project = await makeProject(world, "Read");
  const builds = await addBuilds(world, project);
  const viewer = (await world.as("viewer")).schema("ops");
  const rows = (columns = "build_number", options) => viewer.from("builds").select(columns, options).eq("project_id", project.id);
  /** The numbers of the builds that a query finds. */
  const numbers = async (query) => good(await query.order("build_number")).map(({ build_number }) => build_number);
  return { project, builds, viewer, rows, numbers };
}

export const scenarios = [
  ["reads: filters", async ({ world, part }) => {
    const { builds, rows, numbers } = await fixtures(world);
    const cases = {
      eq: [rows().eq("status", "success"), [1, 3, 5]],
      neq: [rows().neq("status", "success"), [2, 4, 6]],
      gt: [rows().gt("build_number", 4), [5, 6]],
      gte: [rows().gte("created_at", "2026-01-05T00:00:00Z"), [5, 6]],
      lt: [rows().lt("duration_seconds", 20), [1, 2]],
      lte: [rows().lte("duration_seconds", 20), [1, 2, 3]],
      in: [rows().in("id", [builds[1].id, builds[3].id]), [2, 4]],
      "in with commas, quotes and brackets": [rows().in("commit_message", ["Round, then tax (50%)", 'Add a "quoted" word']), [2, 3]],
      "is null": [rows().is("commit_sha", null), [4]],
      "not is null": [rows().not("commit_sha", "is", null), [1, 2, 3, 5, 6]],
      like: [rows().like("commit_message", "%cart"), [1]],
      ilike: [rows().ilike("commit_message", "%CART%"), [1, 6]],
      "ilike with a reserved character": [rows().ilike("commit_message", "fix: %"), [5]],
      or: [rows().or("status.eq.failed,and(status.eq.success,duration_seconds.gt.30)"), [2, 5]],
      "not in": [rows().not("status", "in", "(success,failed)"), [4, 6]],
      contains: [rows().contains("params", { env: "stage" }), [5]],
      "json path": [rows().eq("params->>env", "dev"), [1, 2, 3, 4, 6]],
      match: [rows().match({ status: "success", trigger: "manual" }), [1, 3, 5]],
      filter: [rows().filter("build_number", "gte", 5), [5, 6]],
      "empty text": [rows().eq("commit_message", ""), [4].filter(() => false)],
    };
    for (const [name, [query, wanted]] of Object.entries(cases)) await part(name, async () => assert.deepEqual(await numbers(query), wanted));
  }],

  ["reads: order, limit, range and counts", async ({ world, part }) => {
    const { rows } = await fixtures(world);
    const numbers = (data) => data.map(({ build_number }) => build_number);
    await part("order, with what is null last or first", async () => {
      const first = good(await rows().order("duration_seconds", { ascending: false, nullsFirst: true }));
      assert.deepEqual(numbers(first), [6, 5, 4, 3, 2, 1]);
      const by = good(await rows("build_number, status").order("status").order("build_number", { ascending: false }));
      assert.deepEqual(numbers(by), [4, 2, 6, 5, 3, 1]);
    });
    await part("limit and range", async () => {
      assert.deepEqual(numbers(good(await rows().order("build_number").limit(2))), [1, 2]);
      assert.deepEqual(numbers(good(await rows().order("build_number").range(2, 3))), [3, 4]);
    });
    await part("an exact count beside a page", async () => {
      const page = await rows("build_number", { count: "exact" }).order("build_number").range(4, 5);
      assert.deepEqual({ count: page.count, status: page.status, numbers: numbers(page.data) }, { count: 6, status: 206, numbers: [5, 6] });
      assert.equal((await rows("*", { count: "exact" })).status, 200);
    });
    await part("a count alone", async () => {
      const { data, count, error } = await rows("*", { count: "exact", head: true });
      assert.deepEqual({ data, count, error }, { data: null, count: 6, error: null });
    });
    await part("other counts are numbers too", async () => {
      for (const kind of ["planned", "estimated"]) assert.equal(typeof (await rows("*", { count: kind, head: true })).count, "number", kind);
    });
    await part("a range past the end", async () => {
      assert.deepEqual(good(await rows().range(100, 110)), []);
      const counted = await rows("*", { count: "exact" }).range(100, 110);
      assert.deepEqual({ status: counted.status, code: counted.error.code }, { status: 416, code: "PGRST103" });
    });
  }],

  ["reads: embedding, in both directions", async ({ world, part }) => {
    const { project, viewer, rows } = await fixtures(world);
    await part("from many to one", async () => {
      const [row] = good(await rows("build_number, projects(name, slug), branch:branches(name)").order("build_number").limit(1));
      assert.deepEqual(row, { build_number: 1, projects: { name: "Read", slug: project.slug }, branch: { name: "main" } });
    });
    await part("from one to many, ordered, limited and filtered within", async () => {
      const found = good(
        await viewer
          .from("branches")
          .select("name, builds(build_number, status)")
          .eq("project_id", project.id)
          .eq("builds.status", "success")
          .order("name")
          .order("build_number", { referencedTable: "builds", ascending: false })
          .limit(1, { referencedTable: "builds" }),
      );
      assert.deepEqual(found, [
        { name: "feature/cart", builds: [] },
        { name: "main", builds: [{ build_number: 3, status: "success" }] },
        { name: "staging", builds: [{ build_number: 5, status: "success" }] },
      ]);
    });
    await part("inner: parents without children are left out", async () => {
      const found = good(await viewer.from("branches").select("name, builds!inner(build_number)").eq("project_id", project.id).eq("builds.status", "failed"));
      assert.deepEqual(found, [{ name: "main", builds: [{ build_number: 2 }] }]);
    });
    await part("all columns of both", async () => {
      const found = good(await viewer.from("projects").select("*, branches(*)").eq("id", project.id).single());
      assert.equal(found.branches.length, 3);
      assert.equal(found.branches[0].project_id, project.id);
    });
    await part("spread", async () => {
      const [row] = good(await rows("build_number, ...projects(project:name)").order("build_number").limit(1));
      assert.deepEqual(row, { build_number: 1, project: "Read" });
    });
  }],

  ["reads: one row, perhaps one, text, aliases and casts", async ({ world, part }) => {
    const { project, viewer, rows } = await fixtures(world);
    await part("single", async () => assert.deepEqual(good(await rows("status").eq("build_number", 2).single()), { status: "failed" }));
    await part("maybeSingle", async () => {
      assert.deepEqual(good(await rows("status").eq("build_number", 2).maybeSingle()), { status: "failed" });
      assert.equal(good(await rows("status").eq("build_number", 99).maybeSingle()), null);
      assert.equal((await rows("status").maybeSingle()).error.code, "PGRST116");
    });
    await part("csv", async () => {
      const csv = good(await rows("build_number, commit_message, commit_sha").order("build_number").range(1, 3).csv());
      assert.equal(csv, `build_number,commit_message,commit_sha\n2,"Round, then tax (50%)",${"1".padStart(40, "0")}\n3,"Add a ""quoted"" word",${"2".padStart(40, "0")}\n4,,`);
    });
    await part("aliases, casts and paths into JSON", async () => {
      const row = good(await rows("number:build_number::text, env:params->>env, params->target").eq("build_number", 5).single());
      assert.deepEqual(row, { number: "5", env: "stage", target: "deploy" });
    });
    await part("nothing that is null", async () => {
      const row = good(await viewer.from("projects").select("name, sync_error").eq("id", project.id).stripNulls());
      assert.deepEqual(row, [{ name: "Read" }]);
    });
  }],

  ["reads: faces and the schemas beside ops", async ({ world }) => {
    const viewer = await world.as("viewer");
    for (const [schema, table] of [["ops", "build_events"], ["ops", "deployment_logs"], ["ops", "rollback_logs"], ["ops", "system_metrics"], ["ops", "monitoring"], ["ops", "upgrades"], ["metrics", "deployment_events"], ["metrics", "pr_events"], ["metrics", "test_runs"], ["metrics", "development_metrics"], ["metrics", "rule_compliance_events"]]) {
      const { error, status } = await viewer.schema(schema).from(table).select().limit(1);
      assert.equal(error, null, `${schema}.${table}: ${status} ${JSON.stringify(error)}`);
    }
  }],
];
