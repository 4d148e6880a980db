"""What schemathesis is told about this server: which ids there are, and that each request comes from an address of its own."""

import atexit
import itertools
import json
import os
import zlib

import schemathesis

# Several rows of each kind: one operation archives a project, the next one builds it.
ROWS = json.loads(os.environ.get("PLIMSOLL_ROWS", "[{}]"))
_requests = itertools.count()
_made = itertools.count()
_answers: dict[str, set[int]] = {}


def label(operation) -> str:
    return f"{operation.method.upper()} {operation.path}"


def real(operation, values):
    """The same values with ids of rows that are there; always the same row for one operation."""
    row = ROWS[zlib.crc32(label(operation).encode()) % len(ROWS)]
    return {name: row.get(name, value) for name, value in values.items()}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Four requests of five ask for something that is there: an id that nobody has is answered before anything happens."""
    if path_parameters and next(_made) % 5:
        return real(context.operation, path_parameters)
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    return real(context.operation, body) if isinstance(body, dict) else body


@schemathesis.hook
def before_call(context, case, kwargs):
    """One address may not ask as often as a test does; that limit has tests of its own."""
    number = next(_requests)
    case.headers = {**(case.headers or {}), "x-forwarded-for": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


@schemathesis.hook
def after_call(context, case, response):
    _answers.setdefault(label(case.operation), set()).add(response.status_code)


@atexit.register
def tell():
    """Which statuses each operation answered, for whoever wants to know how far this got."""
    if file := os.environ.get("PLIMSOLL_ANSWERS"):
        with open(file, "w") as out:
            json.dump({operation: sorted(statuses) for operation, statuses in _answers.items()}, out)
