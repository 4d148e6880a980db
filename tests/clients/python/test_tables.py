"""Tables through postgrest-py: reading, writing, and who may."""

from postgrest import CountMethod, ReturnMethod
from world import ORGS, TestCase, make_project, who


def add_builds(project: dict) -> list[dict]:
    """Three that ended on `main`, one still queued on `staging` (in no queue, so that no runner takes it)."""
    parent = {"org_id": project["org_id"], "project_id": project["id"]}

    def row(n, status, branch):
        at = f"2026-01-0{n}T00:00:00Z"
        times = {} if status == "queued" else {"started_at": at, "finished_at": at, "duration_seconds": 10 * n}
        message = None if n == 3 else f"Change {n}, (really)"
        return {**parent, "branch_id": project["branches"][branch]["id"], "status": status, "commit_message": message, "params": {"env": "stage" if n == 2 else "dev"}, **times}

    rows = [row(1, "success", "main"), row(2, "failed", "main"), row(3, "success", "main"), row(4, "queued", "staging")]
    made = who("service").table("builds").insert(rows, default_to_null=False).execute().data
    return sorted(made, key=lambda build: build["build_number"])


class Reading(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.project = make_project("Read")
        cls.builds = add_builds(cls.project)

    def rows(self, *columns, **options):
        return who("viewer").table("builds").select(*(columns or ["build_number"]), **options).eq("project_id", self.project["id"])

    def test_filters(self):
        ids = [self.builds[0]["id"], self.builds[2]["id"]]
        cases = {
            "eq": (self.rows().eq("status", "success"), [1, 3]),
            "neq": (self.rows().neq("status", "success"), [2, 4]),
            "gt": (self.rows().gt("build_number", 2), [3, 4]),
            "gte": (self.rows().gte("duration_seconds", 20), [2, 3]),
            "lt": (self.rows().lt("build_number", 2), [1]),
            "lte": (self.rows().lte("duration_seconds", 20), [1, 2]),
            "in": (self.rows().in_("id", ids), [1, 3]),
            "in with commas and brackets": (self.rows().in_("commit_message", ["Change 1, (really)"]), [1]),
            "is": (self.rows().is_("commit_message", "null"), [3]),
            "not is": (self.rows().not_.is_("commit_message", "null"), [1, 2, 4]),
            "like": (self.rows().like("commit_message", "Change 2%"), [2]),
            "ilike": (self.rows().ilike("commit_message", "%REALLY)"), [1, 2, 4]),
            "or": (self.rows().or_("status.eq.queued,and(status.eq.success,duration_seconds.gt.20)"), [3, 4]),
            "contains": (self.rows().contains("params", {"env": "stage"}), [2]),
            "match": (self.rows().match({"status": "success", "duration_seconds": 10}), [1]),
        }
        for name, (query, wanted) in cases.items():
            with self.subTest(name):
                found = query.order("build_number").execute().data
                self.assertEqual([row["build_number"] for row in found], wanted)

    def test_order_limit_range_and_count(self):
        page = self.rows(count=CountMethod.exact).order("build_number", desc=True).range(1, 2).execute()
        self.assertEqual(([row["build_number"] for row in page.data], page.count), ([3, 2], 4))
        self.assertEqual(self.rows().order("build_number").limit(1).execute().data, [{"build_number": 1}])
        head = self.rows("*", count=CountMethod.exact, head=True).execute()
        self.assertEqual(head.count, 4)

    def test_embedding_both_ways(self):
        row = self.rows("build_number, projects(name), branch:branches(name)").order("build_number").limit(1).execute().data[0]
        self.assertEqual(row, {"build_number": 1, "projects": {"name": "Read"}, "branch": {"name": "main"}})
        branches = who("viewer").table("branches").select("name, builds(build_number)").eq("project_id", self.project["id"])
        found = branches.eq("builds.status", "success").order("name").execute().data
        self.assertEqual([(row["name"], len(row["builds"])) for row in found], [("main", 2), ("staging", 0)])

    def test_one_row_perhaps_one_and_text(self):
        self.assertEqual(self.rows("status").eq("build_number", 2).single().execute().data, {"status": "failed"})
        error = self.refused("PGRST116", self.rows("status").eq("build_number", 99).single())
        self.assertIn("0 rows", error.details)
        self.assertIsNone(self.rows("status").eq("build_number", 99).maybe_single().execute())
        text = self.rows("build_number, status").order("build_number").limit(2).csv().execute().data
        self.assertEqual(text, "build_number,status\n1,success\n2,failed")

    def test_what_is_not_there(self):
        viewer = who("viewer")
        self.assertIn("list_projects", self.refused("PGRST202", viewer.rpc("list_project", {})).hint)
        self.assertIn("projects", self.refused("PGRST205", viewer.table("project").select("*")).hint)
        self.refused("42703", viewer.table("projects").select("nme"))
        self.refused("22P02", viewer.table("projects").select("*").eq("id", "seven"))
        self.refused("PGRST106", viewer.schema("registry").table("orgs").select("*"))

    def test_another_org_sees_its_own_only(self):
        theirs = who("stranger").table("builds").select("id").eq("project_id", self.project["id"]).execute()
        self.assertEqual(theirs.data, [])
        orgs = {row["org_id"] for row in who("stranger").rpc("list_projects", {}).execute().data}
        self.assertLessEqual(orgs, {ORGS["globex"]})


class Writing(TestCase):
    def test_insert_upsert_update_delete(self):
        service = who("service")
        project = make_project("Write")
        slug = f"{project['slug']}-x"
        row = {"org_id": project["org_id"], "name": "X", "slug": slug, "repo_url": "https://git.invalid/x.git"}
        made = service.table("projects").insert(row).execute().data[0]
        self.assertEqual((made["slug"], made["status"]), (slug, "active"))
        self.refused("23505", service.table("projects").insert(row))
        merged = service.table("projects").upsert({**row, "name": "Y"}, on_conflict="org_id,slug").execute().data
        self.assertEqual([(merged[0]["id"], merged[0]["name"])], [(made["id"], "Y")])
        silent = service.table("projects").update({"name": "Z"}, returning=ReturnMethod.minimal).eq("id", made["id"]).execute()
        self.assertEqual(silent.data, [])
        self.assertEqual(service.table("projects").select("name").eq("id", made["id"]).single().execute().data, {"name": "Z"})
        gone = service.table("projects").delete(count=CountMethod.exact).eq("id", made["id"]).execute()
        self.assertEqual((gone.count, gone.data[0]["id"]), (1, made["id"]))

    def test_roles(self):
        project = make_project("Roles")
        branch = who("developer").table("branches").insert({"project_id": project["id"], "name": "topic"}).execute().data[0]
        self.assertEqual(branch["org_id"], project["org_id"])
        row = {"org_id": project["org_id"], "name": "No", "repo_url": "https://git.invalid/no.git"}
        for name in ("developer", "viewer", "stranger", "anon"):
            with self.subTest(name):
                self.refused("42501", who(name).table("projects").insert(row))
        self.refused("42501", who("owner").table("projects").update({"name": "No"}).eq("id", project["id"]))

    def test_a_deployment_by_its_older_name(self):
        project = make_project("Deployed")
        row = {"venture_id": project["id"], "deployment_version": "2.0", "deployment_status": "success"}
        made = who("developer").table("deployment_logs").insert(row).execute().data[0]
        self.assertEqual((made["venture_id"], made["deployment_status"]), (project["id"], "success"))
        seen = who("viewer").table("deployments").select("version").eq("project_id", project["id"]).execute().data
        self.assertEqual(seen, [{"version": "2.0"}])
