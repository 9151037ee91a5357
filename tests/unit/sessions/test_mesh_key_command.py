import io
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from console.mesh.errors import BadLink, BadMeshKey
from console.problem import Problem
from console.servers import Server, ServerBook
from console.sessions import mesh_key_command
from console.sessions.mesh_secrets import read_key
from console.vault.store import Kind, MemoryVault

KEY = secrets.token_hex(80)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Command:
    """The command with a server in the book, and a vault; `run` answers its questions."""

    def __init__(self, folder: Path) -> None:
        self.vault = MemoryVault()
        self.server = Server(address="https://api.example.com", name="Acme")
        self.book = ServerBook(folder / "servers.json")
        self.book.put(self.server)

    def run(self, *answers: str, server: str = "acme", hidden: str = KEY, remove: bool = False) -> int:
        waiting = list(answers)
        ask: Callable[[str], str] = lambda prompt: waiting.pop(0)  # noqa: E731
        return mesh_key_command.run(
            self.book,
            server,
            lambda: self.vault,
            remove=remove,
            terminal=Terminal(),
            ask=ask,
            ask_hidden=lambda prompt: hidden,
        )


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.mark.parametrize("server", ["Acme", "acme", "api.example.com", "https://api.example.com/"])
def test_the_key_is_kept_and_not_said(command: Command, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run("mesh.example.com", " Tess ", server=server) == 0
    key = read_key(command.vault, command.server.id)
    assert key is not None
    assert (key.site.url, key.user, key.key.reveal()) == ("https://mesh.example.com/", "Tess", KEY)
    said = capsys.readouterr()
    assert KEY not in said.out + said.err


def test_it_is_removed(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    command.run("mesh.example.com", "tess")
    assert command.run(remove=True) == 0
    assert read_key(command.vault, command.server.id) is None
    assert "was removed" in capsys.readouterr().out
    assert command.run(remove=True) == 0
    assert "There was no key" in capsys.readouterr().out


def test_an_unknown_server(command: Command) -> None:
    with pytest.raises(Problem, match="There is no server") as refused:
        command.run(server="other")
    assert "Acme" in refused.value.advice


def test_nothing_is_read_from_a_pipe(command: Command) -> None:
    with pytest.raises(Problem, match="from a terminal only"):
        mesh_key_command.run(command.book, "acme", lambda: command.vault, terminal=io.StringIO(KEY))


@pytest.mark.parametrize(
    ("site", "user", "key", "problem"),
    [
        ("http://mesh.example.com", "tess", KEY, BadLink),
        ("mesh.example.com", "tess", KEY[:-1], BadMeshKey),
        ("mesh.example.com", "", KEY, Problem),
    ],
)
def test_what_cannot_be_used_is_not_kept(
    command: Command, site: str, user: str, key: str, problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        command.run(site, user, hidden=key)
    assert command.vault.get(command.server.id, Kind.MESH_KEY) is None
