// A project with branches and builds of its own, so that no test reads what another wrote.

import { randomUUID } from "node:crypto";
import { good } from "../support/world.js";

const sha = (n) => String(n).padStart(40, "0");

/** A project of `acme` (or `org`) with `main`, `staging` and `feature/cart`. */
export async function makeProject(world, name, org = "acme") {
  const service = (await world.as("service")).schema("ops");
  const slug = `${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}-${randomUUID().slice(0, 8)}`;
  const project = good(
    await service.from("projects").insert({ org_id: world.orgs[org], name, slug, repo_url: `https://git.invalid/${slug}.git`, sync_requested_at: null }).select().single(),
    "inserting a project",
  );
  const branches = good(
    await service
      .from("branches")
      .insert([
        { project_id: project.id, org_id: project.org_id, name: "main", stage: "production", is_production: true },
        { project_id: project.id, org_id: project.org_id, name: "staging", stage: "staging", is_production: false },
        { project_id: project.id, org_id: project.org_id, name: "feature/cart", stage: "development", is_production: false },
      ])
      .select()
      .order("name"),
    "inserting branches",
  );
  return { ...project, branches: Object.fromEntries(branches.map((branch) => [branch.name, branch])) };
}

/** Six builds on `main` and `staging`, the newest still queued (in no queue, so that no runner takes it). */
export async function addBuilds(world, project) {
  const service = (await world.as("service")).schema("ops");
  const ends = ["success", "failed", "success", "cancelled", "success", "queued"];
  const at = (n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();
  const rows = ends.map((status, n) => ({
    org_id: project.org_id,
    project_id: project.id,
    branch_id: project.branches[n < 4 ? "main" : "staging"].id,
    status,
    trigger: n % 2 ? "commit" : "manual",
    commit_sha: n === 3 ? null : sha(n),
    commit_message: n === 3 ? null : ["Fix the cart", "Round, then tax (50%)", "Add a \"quoted\" word", "", "fix: the search", "Cart again"][n],
    params: n === 4 ? { env: "stage", target: "deploy" } : { env: "dev" },
    created_at: at(n),
    ...(status === "queued" ? {} : { started_at: at(n), finished_at: at(n), duration_seconds: n * 10 }),
  }));
  return good(await service.from("builds").insert(rows, { defaultToNull: false }).select().order("build_number"), "inserting builds");
}
