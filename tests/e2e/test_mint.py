"""Login tokens made here, before the real MeshCentral: it takes ours, once, and nothing that is not exactly ours."""

import base64
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.demo.mesh_local import LocalMesh
from console.mesh import exchange, link
from console.mesh.errors import TokenRefused
from console.mesh.mint import MINUTES, login_token
from console.mesh.session_kind import SessionKind
from console.secret import Secret
from console.transport import Transport, host_and_port

pytestmark = pytest.mark.e2e


class Door:
    """MeshCentral's, where a token is let in or not."""

    def __init__(self, mesh: LocalMesh) -> None:
        self.mesh = mesh
        self._transport = Transport({host_and_port(mesh.site): mesh.fingerprint})

    def lets_in(self, token: Secret) -> bool:
        place = f"gotonode={self.mesh.node_hex}&viewmode=12&hide=31"
        url = Secret(f"{self.mesh.site}/?login={token.reveal()}&{place}")
        try:
            cookies = exchange.exchange(link.parse(url, SessionKind.TERMINAL, "far"), self._transport)
        except TokenRefused:
            return False
        return "xid" in cookies.cookies

    def token(self, now: float | None = None) -> Secret:
        return login_token(self.mesh.server.login_key, self.mesh.user, now=now)


@pytest.fixture
def door(local_mesh: LocalMesh) -> Door:
    return Door(local_mesh)


def raw(token: Secret) -> bytes:
    return base64.b64decode(token.reveal(), b"@$")


def written(token: bytes) -> Secret:
    return Secret(base64.b64encode(token, b"@$").decode())


def test_a_token_lets_in_once(door: Door) -> None:
    token = door.token()
    assert door.lets_in(token)
    assert not door.lets_in(token), "it was taken a second time"


def test_every_byte_counts(door: Door) -> None:
    token = raw(door.token())
    changed = [written(token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]) for at in range(len(token))]
    with ThreadPoolExecutor(8) as pool:
        taken = [at for at, lets_in in enumerate(pool.map(door.lets_in, changed)) if lets_in]
    assert taken == []
    assert door.lets_in(written(token)), "it would have been refused anyway"


def test_a_token_cut_short_does_not_let_in(door: Door) -> None:
    token = raw(door.token())
    assert [cut for cut in (1, 16, len(token) - 28) if door.lets_in(written(token[:-cut]))] == []


def test_another_key_does_not_let_in(door: Door) -> None:
    assert not door.lets_in(login_token(Secret(secrets.token_hex(80)), door.mesh.user))


def test_an_old_token_does_not_let_in(door: Door) -> None:
    assert door.lets_in(door.token(now=time.time() - 60 * MINUTES + 30))
    assert not door.lets_in(door.token(now=time.time() - 60 * MINUTES - 5))


def test_a_token_from_the_future_does_not_let_in(door: Door) -> None:
    assert not door.lets_in(door.token(now=time.time() + 60))
