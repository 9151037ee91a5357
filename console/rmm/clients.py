"""Reads the clients of an RMM and their sites. How many agents they have is counted from the agents: this call counts
those that a role does not see as well (rmm-api, clients)."""

from collections.abc import Callable

import msgspec

from console.rmm.models import Client
from console.rmm.texts import one_line


class _SiteBody(msgspec.Struct):
    name: str | None = None


class _ClientBody(msgspec.Struct):
    """What is read of an element of `GET /clients/`."""

    id: int
    name: str
    sites: list[_SiteBody | None] | None = None


_split: Callable[[bytes], list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw]).decode
_client: Callable[[bytes | msgspec.Raw], _ClientBody] = msgspec.json.Decoder(_ClientBody).decode


def read(body: bytes) -> tuple[Client, ...]:
    """In the server's order; one that cannot be read is left out. Raises ValueError when it is not a JSON array."""
    try:
        rows = _split(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    clients: dict[int, Client] = {}
    for raw in rows:
        try:
            row = _client(raw)
        except (ValueError, RecursionError):
            continue
        sites = (one_line(site.name) for site in row.sites or () if site and site.name)
        if name := one_line(row.name):
            clients[row.id] = Client(row.id, name, tuple(filter(None, sites)))
    return tuple(clients.values())
