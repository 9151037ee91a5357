import json
import sys
from pathlib import Path

import pytest

from console.demo.mesh_server import MeshServer, ServerOptions
from console.demo.node import Node
from console.problem import Problem


def server(tmp_path: Path, options: ServerOptions | None = None) -> MeshServer:
    """One whose Node.js is this Python, which does not know its options and ends."""
    return MeshServer(tmp_path, Node(Path(sys.executable), (), (20, 0, 0)), tmp_path / "mesh", options)


def config(tmp_path: Path) -> dict[str, dict[str, object]]:
    decoded: dict[str, dict[str, object]] = json.loads((tmp_path / "mesh" / "data" / "config.json").read_text())
    return decoded


def test_a_server_that_does_not_start_is_told_with_its_last_lines(tmp_path: Path) -> None:
    mesh = server(tmp_path)
    with pytest.raises(Problem, match="did not start") as raised:
        mesh.start(print)
    assert "disable-proto" in raised.value.detail
    assert mesh.pid is None
    mesh.stop()
    assert not (tmp_path / "mesh").exists()


def test_node_that_is_not_there_is_told(tmp_path: Path) -> None:
    mesh = MeshServer(tmp_path, Node(tmp_path / "node", (), (20, 0, 0)), tmp_path / "mesh")
    with pytest.raises(Problem, match=r"Node\.js could not be started"):
        mesh.start(print)


@pytest.mark.skipif(sys.platform == "win32", reason="mode bits are POSIX's")
def test_what_it_writes_is_for_its_user_only(tmp_path: Path) -> None:
    mesh = server(tmp_path)
    with pytest.raises(Problem):
        mesh.start(print)
    written = [tmp_path / "mesh", *(tmp_path / "mesh").rglob("*")]
    assert tmp_path / "mesh" / "data" / "config.json" in written
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_it_listens_on_loopback_and_takes_no_new_accounts(tmp_path: Path) -> None:
    with pytest.raises(Problem):
        server(tmp_path).start(print)
    written = config(tmp_path)
    assert written["settings"]["portBind"] == "127.0.0.1"
    assert written["settings"]["redirPort"] == written["settings"]["mpsPort"] == 0
    assert written["domains"][""] == {
        "title": "Technician Console demo",
        "newAccounts": False,
        "agentNoProxy": True,
        "mstsc": True,
    }


def test_the_folder_can_be_kept(tmp_path: Path) -> None:
    mesh = server(tmp_path, ServerOptions(keep_folder=True))
    with pytest.raises(Problem):
        mesh.start(print)
    mesh.stop()
    assert (tmp_path / "mesh" / "data" / "config.json").exists()


def test_every_server_has_a_login_key_of_its_own(tmp_path: Path) -> None:
    assert server(tmp_path).login_key != server(tmp_path).login_key
    assert len(server(tmp_path).login_key.reveal()) == 160
