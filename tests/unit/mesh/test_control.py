"""The control channel against a server of the test's own: what it says is taken only where it makes sense."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.sync.server import ServerConnection, serve

from console.mesh import control as module
from console.mesh.control import Control, LastingToken, MeshAccount, MeshNode, MeshSettings
from console.mesh.errors import ControlRefused, ControlSilent, MeshSignedOut
from console.mesh.exchange import MeshCookies
from console.mesh.link import MeshSite
from console.secret import Secret
from console.transport import Transport
from tests.unit.tls import Identity, identity

COOKIES = MeshCookies({"xid": Secret("abc"), "xid.sig": Secret("def")}, None)
NODE = "a" * 64


class Talk:
    """What the server says first, and its answers by action; `asked` is what it was asked."""

    def __init__(self, *first: object, **answers: object) -> None:
        self.first = first
        self.answers = answers
        self.asked: list[dict[str, object]] = []
        self.cookie = ""

    def __call__(self, connection: ServerConnection) -> None:
        request = connection.request
        self.cookie = request.headers.get("Cookie", "") if request else ""
        for message in self.first:
            connection.send(text(message))
        for message in connection:
            command = json.loads(message)
            self.asked.append(command)
            if command["action"] in self.answers:
                connection.send(text(self.answers[command["action"]]))


def text(message: object) -> str:
    return message if isinstance(message, str) else json.dumps(message)


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path, "127.0.0.1")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SECONDS", 0.6)


@contextmanager
def control(own: Identity, talk: Callable[[ServerConnection], None]) -> Iterator[Control]:
    with serve(talk, "127.0.0.1", 0, ssl=own.context, max_size=None) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        port = running.socket.getsockname()[1]
        transport = Transport({f"127.0.0.1:{port}": own.fingerprint})
        try:
            with Control(MeshSite(f"https://127.0.0.1:{port}"), COOKIES, transport) as made:
                yield made
        finally:
            running.shutdown()


def userinfo(**fields: object) -> dict[str, object]:
    return {"action": "userinfo", "userinfo": {"_id": "user//tess", "name": "Tess", **fields}}


class TestAccount:
    def test_who_it_is(self, own: Identity) -> None:
        talk = Talk({"action": "serverinfo", "serverinfo": {}}, userinfo(realname="Tess T.", siteadmin=64))
        with control(own, talk) as channel:
            account = channel.account()
        assert account == MeshAccount("user//tess", "Tess", "Tess T.", False)
        assert account.shown_name == "Tess T."
        assert talk.cookie == "xid=abc; xid.sig=def"

    @pytest.mark.parametrize("rights", [0xFFFFFFFF, -1])
    def test_a_full_administrator(self, own: Identity, rights: int) -> None:
        with control(own, Talk(userinfo(siteadmin=rights))) as channel:
            assert channel.account().administrator

    @pytest.mark.parametrize("rights", [None, 0, 2, 0xFFFFFFFE])
    def test_less_than_all_rights_is_no_full_administrator(self, own: Identity, rights: int | None) -> None:
        with control(own, Talk(userinfo(siteadmin=rights))) as channel:
            assert not channel.account().administrator

    def test_without_a_real_name_the_remote_user_sees_the_user_name(self, own: Identity) -> None:
        with control(own, Talk(userinfo(realname=None))) as channel:
            assert channel.account().shown_name == "Tess"

    def test_endless_names_are_cut(self, own: Identity) -> None:
        with control(own, Talk(userinfo(realname="x" * 4000))) as channel:
            assert len(channel.account().real_name) == 256

    @pytest.mark.parametrize(
        "first",
        [
            (),
            ("not json", "[1]", '{"action":"userinfo"}'),
            ({"action": "userinfo", "userinfo": {"_id": "mesh//x"}},),
            ({"action": "userinfo", "userinfo": {"_id": "user//x", "name": "x" * 5000}},),
            ({"action": "userinfo", "userinfo": {"_id": "user//x", "filler": "x" * (1024 * 1024)}},),
            ("[" * 100_000,),
        ],
    )
    def test_what_makes_no_sense_is_not_taken(self, own: Identity, first: tuple[object, ...]) -> None:
        with control(own, Talk(*first)) as channel, pytest.raises(ControlSilent):
            channel.account()

    def test_a_server_that_does_not_know_the_cookies(self, own: Identity) -> None:
        with (
            control(own, Talk({"action": "close", "cause": "noauth", "msg": "noauth"})) as channel,
            pytest.raises(MeshSignedOut, match="sign-in") as ended,
        ):
            channel.account()
        assert "noauth" in ended.value.detail


class TestNodes:
    def test_rows_that_cannot_be_read_cost_themselves(self, own: Identity) -> None:
        rows = [
            {"_id": f"node//{NODE}", "name": "One", "rname": "ONE", "conn": 1},
            {"_id": "node//short", "name": "no id"},
            {"_id": 7},
            "text",
            {"_id": f"node//{'b' * 64}", "name": None, "conn": 2},
        ]
        with control(own, Talk(nodes={"action": "nodes", "nodes": {"mesh//a": rows, "mesh//b": []}})) as channel:
            found = channel.nodes()
        assert found == (MeshNode(NODE, "One", "ONE", True), MeshNode("b" * 64, "", "", False))

    def test_a_list_of_some_megabytes(self, own: Identity) -> None:
        rows = [{"_id": f"node//{number:064}", "name": f"host {number}", "pad": "x" * 400} for number in range(5000)]
        with control(own, Talk(nodes={"action": "nodes", "nodes": {"mesh//a": rows}})) as channel:
            assert len(channel.nodes()) == 5000

    def test_a_refusal(self, own: Identity) -> None:
        with (
            control(own, Talk(nodes={"action": "nodes", "result": "Invalid group id"})) as channel,
            pytest.raises(ControlRefused, match="refused"),
        ):
            channel.nodes()


class TestTokens:
    def test_listed_and_revoked(self, own: Identity) -> None:
        rows = [
            {"tokenUser": "~t:one", "name": "Console", "created": 1_700_000_000_000, "expire": 0},
            {"name": "nameless"},
            {"tokenUser": "~t:two", "created": "yesterday"},
        ]
        talk = Talk(loginTokens={"action": "loginTokens", "loginTokens": rows})
        with control(own, talk) as channel:
            (token,) = channel.tokens("~t:old")
        assert isinstance(token, LastingToken)
        assert (token.user, token.name, token.expires) == ("~t:one", "Console", None)
        assert token.created is not None
        assert token.created.year == 2023
        assert talk.asked == [{"action": "loginTokens", "remove": ["~t:old"]}]

    def test_made(self, own: Identity) -> None:
        talk = Talk(createLoginToken={"action": "createLoginToken", "tokenUser": "~t:a", "tokenPass": "hunter2"})
        with control(own, talk) as channel:
            made = channel.make_token("Technician Console")
        assert (made.user, made.password.reveal()) == ("~t:a", "hunter2")
        assert "hunter2" not in repr(made)
        assert talk.asked[0]["expire"] == 0

    def test_switched_off(self, own: Identity) -> None:
        talk = Talk(createLoginToken={"action": "createLoginToken", "result": "Not supported"})
        with control(own, talk) as channel, pytest.raises(ControlRefused):
            channel.make_token("Technician Console")

    def test_silence_where_tokens_are_no_way_in(self, own: Identity) -> None:
        with control(own, Talk()) as channel, pytest.raises(ControlSilent):
            channel.tokens()


@given(st.text(), st.floats(allow_nan=True))
def test_no_moment_breaks_it(message: str, moment: float) -> None:
    assert module._decoded(message, module._UserInfo) is None or message.startswith("{")
    module._moment(moment)


class TestSettings:
    SERVER: ClassVar[dict[str, object]] = {"serverTime": 1795824000500, "features": 0x220, "tlshash": "AB" * 48}

    def test_what_the_server_says_of_itself_comes_before_the_account(self, own: Identity) -> None:
        first = {"action": "serverinfo", "serverinfo": self.SERVER}
        with control(own, Talk(first, userinfo())) as made:
            assert made.settings() == MeshSettings(1795824000.5, "ab" * 48, True, True)
            assert made.account().name == "Tess"

    def test_what_is_missing_is_not_known(self, own: Identity) -> None:
        with control(own, Talk({"action": "serverinfo", "serverinfo": {}})) as made:
            assert made.settings() == MeshSettings(None, "", False, False)

    @pytest.mark.parametrize("said", [{}, {"serverinfo": None}])
    def test_nothing_in_it(self, own: Identity, said: dict[str, object]) -> None:
        with control(own, Talk({"action": "serverinfo", **said})) as made, pytest.raises(ControlSilent):
            made.settings()

    def test_login_tokens_are_given(self, own: Identity) -> None:
        pong = {"action": "pong"}
        talk = Talk(userinfo(), logincookie={"action": "logincookie", "cookie": "x"}, ping=pong)
        with control(own, talk) as made:
            assert made.gives_login_tokens()
            assert made.version() == ""  # the answer to the first ping is not taken for that to the second

    def test_no_login_tokens_are_given(self, own: Identity) -> None:
        with control(own, Talk(ping={"action": "pong"})) as made:
            assert not made.gives_login_tokens()

    def test_a_server_that_answers_no_ping(self, own: Identity) -> None:
        with control(own, Talk()) as made, pytest.raises(ControlSilent):
            made.gives_login_tokens()

    @pytest.mark.parametrize(
        ("value", "version"),
        [
            ('{"meshVersion": "v1.2.0", "pid": 7}', "1.2.0"),
            ('{"meshVersion": 5}', ""),
            ("Unknown command", ""),
            (None, ""),
            ("[" * 3000, ""),
        ],
    )
    def test_the_version(self, own: Identity, value: str | None, version: str) -> None:
        talk = Talk(serverconsole={"action": "serverconsole", "value": value}, ping={"action": "pong"})
        with control(own, talk) as made:
            assert made.version() == version
            assert talk.asked[0] == {"action": "serverconsole", "value": "info", "tag": "console"}
