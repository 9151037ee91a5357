"""The captured exchanges with a real Tactical RMM 1.5.1, and a server that answers as one of them did."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FOLDER = Path(__file__).parent / "captured"


@dataclass(frozen=True)
class Exchange:
    """One captured HTTP exchange. `body` is the decoded JSON, or the text when it was something else."""

    name: str
    method: str
    path: str
    auth: str | None
    sent: Any
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def in_json(self) -> bool:
        return self.headers.get("content-type") == "application/json"

    def answer(self) -> Response:
        content = json.dumps(self.body, ensure_ascii=False) if self.in_json else self.body
        response = Response(content.encode(), self.status)
        response.autocorrect_location_header = False
        del response.headers["Content-Type"]
        for name, value in self.headers.items():
            response.headers[name] = value
        return response


def names() -> list[str]:
    """All captured exchanges, those of web sockets too."""
    return sorted(file.stem for file in FOLDER.glob("*.json"))


def load(name: str) -> Exchange:
    content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    request = content["request"]
    return Exchange(
        name,
        request["method"],
        request["path"],
        request["auth"],
        request["json"],
        content["status"],
        content["headers"],
        content["body"],
    )


@dataclass
class Replay:
    """A WSGI application that gives the captured answer to every request, and notes what was asked."""

    exchange: Exchange
    requests: list[tuple[str, str, object]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: "WSGIEnvironment", start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        body = json.loads(request.get_data() or b"null")
        self.requests.append((request.method, request.path, body))
        self.headers.append(dict(request.headers))
        return self.exchange.answer()(environ, start_response)
