import io
import json
from pathlib import Path

import pytest

from console.demo.api_server import serve
from console.proxies import ProxySignIn
from console.secret import Secret
from console.servers import Server, ServerBook
from console.sessions import proxy_sign_ins
from console.sessions.doctor import command
from console.sessions.doctor.case import Folders
from console.vault.store import KeyringVault, Kind
from tests.connect_proxy import ConnectProxy
from tests.unit.raw_server import free_port
from tests.unit.rmm.scripted import Scripted, answer
from tests.unit.sessions.doctor.stand_in import FACTS, engine
from tests.unit.tls import identity
from tests.unit.vault.backend import InMemory

TESS = ProxySignIn("tess", Secret("pa:ss wörd"))
HERE, RMM = "This computer", "The RMM"


class Command:
    def __init__(self, folder: Path) -> None:
        self.book = ServerBook(folder / "servers.json")
        self.folders = Folders(folder / "config", folder / "data", folder / "log")
        self.vault = KeyringVault(InMemory())
        self.out = ""

    def run(
        self, wanted: str = "", last: str = "", *, as_json: bool = False, hostname: str = "", mesh: str = ""
    ) -> int:
        out = io.StringIO()
        code = command.run(
            lambda: self.book, wanted, last, self.folders, lambda: self.vault, ("SSLKEYLOGFILE",),
            as_json=as_json, hostname=hostname, mesh=mesh, ask_engine=engine, out=out,
        )  # fmt: skip
        self.out = out.getvalue()
        return code


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.delenv("QTWEBENGINE_DISABLE_SANDBOX", raising=False)
    return Command(tmp_path)


def test_without_a_server_only_this_computer_is_looked_at(made: Command) -> None:
    assert made.run() == 1  # a switch was dropped
    assert "only this computer" in made.out
    assert FACTS.chromium in made.out
    assert "SSLKEYLOGFILE" in made.out
    assert f"\n{HERE}\n" in made.out
    assert RMM not in made.out


def test_a_server_that_is_down(made: Command) -> None:
    server = Server(address=f"https://127.0.0.1:{free_port()}", name="Acme")
    made.book.put(server)
    made.vault.put(server.id, Kind.API_KEY, Secret("K" * 32))
    assert made.run("acme", hostname="HOST") == 2
    assert "Server: Acme" in made.out
    assert "does not take connections" in made.out
    assert made.out.index(f"\n{HERE}\n") < made.out.index(f"\n{RMM}\n")
    assert made.out.count(f"\n{RMM}\n") == 1
    assert made.out.rstrip().splitlines()[-1].startswith("1 failure, first: The RMM – Reachable.")


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (TESS, ""),
        (ProxySignIn("tess", Secret("wr0ng-passphrase")), "did not accept the sign-in"),
        (None, "the keyring holds none"),
    ],
)
def test_a_proxy_gets_the_sign_in_that_is_kept(
    made: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: ProxySignIn | None, words: str
) -> None:
    own = identity(tmp_path, "rmm.example.test")
    app = Scripted({"/": [answer({"status": "ok"})]})
    with ConnectProxy(TESS) as proxy, serve(app, own.context) as running:
        for name in ("https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        host = f"rmm.example.test:{running.port}"
        made.book.put(Server(address=f"https://{host}", name="Acme", pins={host: own.fingerprint}))
        proxy_sign_ins.write(made.vault, proxy.proxy, kept)
        made.run()
    assert (host in proxy.led) is not bool(words)
    assert words in made.out
    assert "wr0ng" not in made.out
    assert "at the top of the window" not in made.out
    assert ("There is a connection to rmm.example.test" in made.out) is not bool(words)


def test_json(made: Command) -> None:
    made.book.put(Server(address=f"https://127.0.0.1:{free_port()}", name="Acme"))
    assert made.run(as_json=True) == 2
    assert {row["check"] for row in json.loads(made.out)} >= {"program", "rmm.reach", "option.tlsOffload"}


def test_the_server_that_was_shown_last_is_looked_at(made: Command) -> None:
    for name in ("First", "Second"):
        made.book.put(Server(address=f"https://127.0.0.1:{free_port()}", name=name, id=name))
    made.run(last="Second")
    assert "Server: Second" in made.out
    made.run()
    assert "Server: First" in made.out


def test_a_server_or_an_address_that_is_none(made: Command, capsys: pytest.CaptureFixture[str]) -> None:
    made.book.put(Server(address="https://api.example.test", name="Acme"))
    assert made.run("other") == 2
    assert "There is no server “other”" in capsys.readouterr().err
    assert made.run(mesh="ftp://mesh") == 2
    assert made.out == ""
