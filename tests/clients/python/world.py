"""The server that the suite was given, and clients for those who take part."""

import functools
import itertools
import json
import os
import unittest
import uuid

from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, create_client

WORLD = json.loads(os.environ["PLIMSOLL_WORLD"])
URL = WORLD["url"]
STATUS = WORLD["status"]
ORGS = WORLD["orgs"]
PEOPLE = WORLD["people"]
_addresses = itertools.count(1)


def client(key: str, url: str = URL, headers: dict | None = None) -> Client:
    """A client with this key, nobody signed in, coming from an address of its own."""
    address = f"10.8.0.{next(_addresses)}"
    options = ClientOptions(
        schema="ops",
        auto_refresh_token=False,
        persist_session=False,
        headers={"x-forwarded-for": address, **(headers or {})},
    )
    return create_client(url, key, options)


@functools.cache
def who(name: str) -> Client:
    """The one client of `anon`, `service` or a person, who is signed in."""
    if name == "anon":
        return client(STATUS["ANON_KEY"])
    if name == "service":
        return client(STATUS["SERVICE_ROLE_KEY"])
    made = client(STATUS["ANON_KEY"])
    made.auth.sign_in_with_password({"email": PEOPLE[name]["email"], "password": PEOPLE[name]["password"]})
    return made


def make_project(name: str, org: str = "acme") -> dict:
    """A project with `main` and `staging`; its branches by name under "branches"."""
    service = who("service")
    slug = f"{name.lower()}-{uuid.uuid4().hex[:8]}"
    row = {"org_id": ORGS[org], "name": name, "slug": slug, "repo_url": f"https://git.invalid/{slug}.git", "sync_requested_at": None}
    project = service.table("projects").insert(row).execute().data[0]
    parent = {"org_id": ORGS[org], "project_id": project["id"]}
    branches = [
        {**parent, "name": "main", "stage": "production", "is_production": True},
        {**parent, "name": "staging", "stage": "staging", "is_production": False},
    ]
    made = service.table("branches").insert(branches).execute().data
    return {**project, "branches": {branch["name"]: branch for branch in made}}


class TestCase(unittest.TestCase):
    """With words for what a refusal must say."""

    maxDiff = None

    def refused(self, code: str, call) -> APIError:
        with self.assertRaises(APIError) as caught:
            call.execute()
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception
