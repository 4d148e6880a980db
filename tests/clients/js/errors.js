// Errors as clients read them: error.code, .message, .details, .hint and the status.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { makeProject } from "./project.js";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token signed as the server signs; `alg` and claims as the test wants them. */
function token(world, claims, alg = "HS256") {
  const text = `${encode({ alg, typ: "JWT" })}.${encode(claims)}`;
  const signature = alg === "none" ? "" : createHmac("sha256", world.status.JWT_SECRET).update(text).digest("base64url");
  return `${text}.${signature}`;
}

export const scenarios = [
  ["errors: what is not there, and what is not understood", async ({ world, part }) => {
    const viewer = (await world.as("viewer")).schema("ops");
    const cases = {
      "an unknown function, and the nearest": [viewer.rpc("list_project"), 404, "PGRST202", /list_project\b/, /list_projects/],
      "an unknown argument": [viewer.rpc("project_branches", { project: "x" }), 404, "PGRST202", /project_branches/, /./],
      "an unknown table, and the nearest": [viewer.from("project").select(), 404, "PGRST205", /ops\.project/, /ops\.projects/],
      "an unknown column": [viewer.from("projects").select("id, nme"), 400, "42703", /nme/],
      "an unknown column in a filter": [viewer.from("projects").select().eq("nme", 1), 400, "42703", /nme/],
      "an unknown column in a row": [viewer.from("projects").insert({ nme: "x" }), 400, "PGRST204", /nme/],
      "no relation between two tables": [viewer.from("projects").select("id, log_marks(line)"), 400, "PGRST200", /projects.*log_marks/],
      "a value that is not of its type": [viewer.from("projects").select().eq("id", "seven"), 400, "22P02", /uuid/],
      "an argument that is not of its type": [viewer.rpc("build_logs", { p_build_id: "seven" }), 400, "22P02", /uuid/],
      "an operator that does not exist": [viewer.from("projects").select().filter("name", "resembles", "x"), 400, "PGRST100"],
      "a filter that cannot be read": [viewer.from("projects").select().or("name.eq"), 400, "PGRST100"],
      "a schema that is not shown": [(await world.as("viewer")).schema("registry").from("orgs").select(), 406, "PGRST106", /registry/, /ops/],
      "none where one was asked for": [viewer.from("projects").select().eq("slug", "none").single(), 406, "PGRST116", /./, undefined, /0 rows/],
    };
    for (const [name, [call, status, code, message, hint, details]] of Object.entries(cases)) {
      await part(name, async () => {
        const { data, error, status: answered } = await call;
        assert.deepEqual({ data, answered, code: error?.code }, { data: null, answered: status, code }, JSON.stringify(error));
        for (const key of ["code", "details", "hint", "message"]) assert.ok(key in error, `no ${key}`);
        if (message) assert.match(error.message, message);
        if (hint) assert.match([error.hint, error.details].join(" "), hint);
        if (details) assert.match(error.details, details);
      });
    }
  }],

  ["errors: what the database refuses keeps its SQLSTATE", async ({ world, part }) => {
    const project = await makeProject(world, "Refused");
    const service = (await world.as("service")).schema("ops");
    const { org_id, slug } = project;
    const row = { org_id, name: "x", slug: `${slug}-x`, repo_url: "https://git.invalid/x.git" };
    const cases = {
      "unique key": [service.from("projects").insert({ ...row, slug }), 409, "23505", /projects_org_id_slug_key/],
      "foreign key": [service.from("projects").insert({ ...row, org_id: project.id }), 409, "23503", /org/],
      "check": [service.from("projects").insert({ ...row, slug: "Not A Slug" }), 400, "23514", /slug/],
      "not null": [service.from("projects").insert({ ...row, name: null }), 400, "23502", /name/],
      "a function's own word": [service.rpc("enqueue_build", { p_build_id: project.id }), 404, "PT404", /build/],
    };
    for (const [name, [call, status, code, message]] of Object.entries(cases)) {
      await part(name, async () => {
        const { error, status: answered } = await call;
        assert.deepEqual({ answered, code: error?.code }, { answered: status, code }, JSON.stringify(error));
        assert.match(error.message, message);
      });
    }
  }],

  ["errors: SQL in every string is text", async ({ world }) => {
    const viewer = (await world.as("viewer")).schema("ops");
    const attack = "'; drop table ops.projects; --";
    for (const call of [
      viewer.from("projects").select().eq("name", attack),
      viewer.from("projects").select().in("name", [attack, `(${attack}, 1)`]),
      viewer.from("projects").select().ilike("name", attack),
      viewer.from("projects").select().or(`name.eq."${attack}"`),
    ]) {
      const { data, error } = await call;
      assert.equal(error, null, JSON.stringify(error));
      assert.deepEqual(data, []);
    }
    for (const call of [viewer.from(attack).select(), viewer.from("projects").select(attack), viewer.rpc(attack), viewer.from("projects").select().order(attack)]) {
      const { error, status } = await call;
      assert.ok(error && status >= 400 && status < 500, `${status} ${JSON.stringify(error)}`);
    }
    assert.equal((await viewer.rpc("list_projects")).error, null, "the table is still there");
  }],

  ["errors: tokens that are not good", async ({ world, part }) => {
    const sub = world.people.viewer.id;
    const exp = Math.floor(Date.now() / 1000) + 600;
    const fine = { sub, role: "authenticated", aud: "authenticated", exp };
    const call = (bearer) => world.client(world.status.ANON_KEY, { headers: { authorization: `Bearer ${bearer}` } }).schema("ops").rpc("list_projects");
    assert.equal((await call(token(world, fine))).error, null, "the pattern of those below is good");
    const cases = {
      "expired": [token(world, { ...fine, exp: exp - 3600 }), "PGRST303"],
      "for another audience": [token(world, { ...fine, aud: "others" }), "PGRST303"],
      "without a signature": [token(world, fine, "none"), "PGRST301"],
      "signed by another": [`${token(world, fine).split(".").slice(0, 2).join(".")}.AAAA`, "PGRST301"],
      "no token at all": ["nonsense", "PGRST301"],
    };
    for (const [name, [bearer, code]] of Object.entries(cases)) {
      await part(name, async () => {
        const { data, error, status } = await call(bearer);
        assert.deepEqual({ data, status, code: error?.code }, { data: null, status: 401, code }, JSON.stringify(error));
        for (const key of ["details", "hint", "message"]) assert.ok(key in error, `no ${key}`);
      });
    }
    await part("a role claimed in user_metadata counts for nothing", async () => {
      const { error } = await world
        .client(world.status.ANON_KEY, { headers: { authorization: `Bearer ${token(world, { ...fine, user_metadata: { role: "service_role", org_id: world.orgs.globex } })}` } })
        .schema("ops")
        .from("projects")
        .insert({ org_id: world.orgs.globex, name: "Forged", repo_url: "https://git.invalid/forged.git" });
      assert.equal(error.code, "42501");
    });
  }],
];
