"""A server on loopback that gives the answers which a test wrote down, and notes what it was asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse

import msgspec
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HTML = "text/html; charset=utf-8"


def answer(content: object, status: int = 200, **headers: str) -> Response:
    """JSON, or HTML when `content` is bytes."""
    raw = isinstance(content, bytes)
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    response = Response(body, status, content_type=HTML if raw else "application/json")
    response.autocorrect_location_header = False
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


@dataclass
class Scripted:
    """A WSGI application. `answers` maps a path to its answers, given in turn, the last one again and again."""

    answers: dict[str, list[Response]]
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    def __call__(self, environ: "WSGIEnvironment", start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        self.asked.append((request.method, request.path))
        self.headers.append(dict(request.headers))
        self.queries.append(request.query_string.decode())
        prepared = self.answers.get(request.path) or [answer({"detail": "not scripted"}, 404)]
        response = prepared.pop(0) if len(prepared) > 1 else prepared[0]
        return response(environ, start_response)
