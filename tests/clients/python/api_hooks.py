"""What schemathesis is told about this server: which ids there are, and that each request comes from an address of its own."""

import itertools
import json
import os

import schemathesis

IDS = json.loads(os.environ.get("PLIMSOLL_IDS", "{}"))
_count = itertools.count(1)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Every second request asks for something that is there: an id that nobody has is answered before anything happens."""
    if path_parameters and next(_count) % 2:
        return {name: IDS.get(name, value) for name, value in path_parameters.items()}
    return path_parameters


@schemathesis.hook
def before_call(context, case, kwargs):
    """One address may not ask as often as a test does; that limit has tests of its own."""
    number = next(_count)
    case.headers = {**(case.headers or {}), "x-forwarded-for": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
