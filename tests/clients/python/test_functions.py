"""Every function of the contract, by the right people and by the wrong ones; the table is the one the JavaScript suite reads."""

import json
import pathlib

from world import TestCase, make_project, who

FUNCTIONS = json.loads((pathlib.Path(__file__).parent.parent / "functions.json").read_text())


def fixtures() -> dict:
    """What the table's `$names` stand for."""
    project = make_project("Contract")
    branch = project["branches"]["main"]
    service = who("service")
    build = who("developer").table("builds").insert({"project_id": project["id"], "branch_id": branch["id"]}).execute().data[0]
    advisory = {"org_id": project["org_id"], "project_id": project["id"], "severity": "warning", "category": "cost", "title": "Too many builds", "recommendation": "Build less"}
    advisory = service.table("advisories").insert(advisory).execute().data[0]
    sample = {"org_id": project["org_id"], "project_id": project["id"], "metric": "queue_depth", "value": 3, "dims": {"lane": "main"}}
    service.table("metrics").insert(sample).execute()
    at = "2026-06-01T12:00:00Z"
    events = {
        "deployment_events": {"deployment_id": "ship-2", "status": "success", "deployed_at": at},
        "pr_events": {"pr_number": 2, "event_type": "merged", "event_timestamp": at, "cycle_time_seconds": 60},
        "test_runs": {"run_id": "run-2", "total_tests": 4, "passed_tests": 4, "failed_tests": 0, "skipped_tests": 0},
        "rule_compliance_events": {"rule_name": "Tests first", "rule_category": "foundation", "compliance_status": "violation", "context_type": "pr"},
    }
    metrics = who("developer").schema("metrics")
    for table, row in events.items():
        metrics.table(table).insert({"project_id": project["id"], **row}).execute()
    return {"project": project["id"], "branch": branch["id"], "build": build["id"], "advisory": advisory["id"]}


def fill(given: dict, names: dict) -> dict:
    return {name: names[value[1:]] if isinstance(value, str) and value.startswith("$") else value for name, value in given.items()}


class Contract(TestCase):
    def shape(self, row: dict, data):
        match row["answers"]:
            case "nothing":
                self.assertFalse(data)
            case "number":
                self.assertIsInstance(data, (int, float))
            case "uuid":
                self.assertRegex(data, "^[0-9a-f-]{36}$")
            case "values":
                self.assertTrue(data and all(isinstance(value, str) for value in data), data)
            case "rows":
                self.assertTrue(data, "no rows")
                if "columns" in row:
                    self.assertEqual(list(data[0]), row["columns"])
                self.assertLessEqual(set(row.get("some", ())), set(data[0]))

    def test_each_function_answers_those_who_may_call_it_and_refuses_the_others(self):
        names = fixtures()
        for row in FUNCTIONS:
            given = fill(row.get("arguments", {}), names)

            def call(name, row=row, given=given):
                return who(name).schema(row["schema"]).rpc(row["name"], given)

            with self.subTest(f"{row['schema']}.{row['name']}({', '.join(given)})"):
                for name, code in row["refused"].items():
                    self.refused(code, call(name))
                for name in row.get("nothing", ()):
                    self.assertEqual(call(name).execute().data, [])
                for name in row.get("by", ["viewer"]):
                    self.shape(row, call(name).execute().data)

    def test_a_log_comes_newest_first_and_by_pages(self):
        project = make_project("Log")
        parent = {"project_id": project["id"], "branch_id": project["branches"]["main"]["id"]}
        build = who("developer").table("builds").insert(parent).execute().data[0]["id"]
        for n in range(1, 4):
            event = {"p_build_id": build, "p_phase": "build", "p_level": "info", "p_message": f"line {n}"}
            who("service").rpc("append_build_event", event).execute()
        viewer = who("viewer")
        page = viewer.rpc("build_logs", {"p_build_id": build, "p_limit": 2}).execute().data
        self.assertEqual([line["message"] for line in page], ["line 3", "line 2"])
        picked = viewer.rpc("build_logs", {"p_build_id": build}).select("message").eq("message", "line 1").execute().data
        self.assertEqual(picked, [{"message": "line 1"}])
        rows = viewer.table("build_events").select("message", count="exact").eq("build_id", build).execute()
        self.assertEqual(rows.count, 3)
        who("service").rpc("set_build_status", {"p_build_id": build, "p_status": "cancelled"}).execute()
