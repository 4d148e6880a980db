"""supabase-py signs people in, invokes functions and uses each kind of key."""

import uuid

import httpx
from supabase import AuthApiError, FunctionsHttpError
from world import ORGS, PEOPLE, STATUS, WORLD, TestCase, client, make_project, who


class SignIn(TestCase):
    def test_with_address_and_password_then_a_call(self):
        made = client(STATUS["ANON_KEY"])
        person = PEOPLE["guest"]
        answer = made.auth.sign_in_with_password({"email": person["email"], "password": person["password"]})
        self.assertEqual((answer.user.id, answer.user.email), (person["id"], person["email"]))
        self.assertEqual(made.auth.get_user().user.id, person["id"])
        self.assertEqual({row["org_id"] for row in made.rpc("list_projects", {}).execute().data}, {ORGS["acme"]})

        refreshed = made.auth.refresh_session()
        self.assertNotEqual(refreshed.session.refresh_token, answer.session.refresh_token)
        other = client(STATUS["ANON_KEY"])
        other.auth.set_session(refreshed.session.access_token, refreshed.session.refresh_token)
        self.assertEqual(other.schema("ops").rpc("my_org_ids", {}).execute().data, [ORGS["acme"]])
        made.auth.sign_out()
        self.assertIsNone(made.auth.get_session())
        with self.assertRaises(AuthApiError):
            client(STATUS["ANON_KEY"]).auth.refresh_session(refreshed.session.refresh_token)

    def test_a_wrong_password(self):
        with self.assertRaises(AuthApiError) as caught:
            client(STATUS["ANON_KEY"]).auth.sign_in_with_password({"email": PEOPLE["viewer"]["email"], "password": "not that"})
        self.assertEqual((caught.exception.status, caught.exception.code), (400, "invalid_credentials"))


class Keys(TestCase):
    def test_secret_keys_see_all(self):
        make_project("Seen")
        make_project("Seen", "globex")
        for name in ("SERVICE_ROLE_KEY", "SECRET_KEY"):
            with self.subTest(name):
                rows = client(STATUS[name]).rpc("list_projects", {}).execute().data
                self.assertLessEqual(set(ORGS.values()), {row["org_id"] for row in rows})

    def test_public_keys_see_nothing(self):
        for name in ("ANON_KEY", "PUBLISHABLE_KEY"):
            with self.subTest(name):
                self.refused("42501", client(STATUS[name]).rpc("list_projects", {}))


class Invoke(TestCase):
    def test_trigger_is_repeated_safely_when_its_answer_was_lost(self):
        project = make_project("Repeated")
        session = who("developer").auth.get_session()
        key = str(uuid.uuid4())
        on_the_way = client(STATUS["ANON_KEY"], WORLD["faults"], {"x-fault": f"cut {key}"})
        headers = {"Idempotency-Key": key, "Authorization": f"Bearer {session.access_token}"}
        body = {"project_id": project["id"], "branch_id": project["branches"]["main"]["id"]}

        def trigger():
            return on_the_way.functions.invoke("ops-trigger-build", {"body": body, "headers": headers, "responseType": "json"})

        with self.assertRaises(httpx.TransportError):
            trigger()
        build = trigger()["build_id"]
        self.assertEqual(trigger()["build_id"], build)
        rows = who("viewer").table("builds").select("id").eq("project_id", project["id"]).execute().data
        self.assertEqual(rows, [{"id": build}])
        who("service").rpc("set_build_status", {"p_build_id": build, "p_status": "cancelled"}).execute()

    def test_ingest(self):
        project = make_project("Measured")
        body = {"project_id": project["id"], "ts": "2026-11-21T10:00:00Z", "samples": [{"metric": "orders_total", "value": 12}]}
        functions = client(STATUS["ANON_KEY"]).functions

        def ingest(token):
            return functions.invoke("ops-metrics-ingest", {"body": body, "headers": {"x-ops-ingest-token": token}, "responseType": "json"})

        self.assertEqual(ingest(STATUS["OPS_INGEST_TOKEN"]), {"inserted": 1})
        with self.assertRaises(FunctionsHttpError):
            ingest("wrong")
