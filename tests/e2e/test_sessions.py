"""From the double-click to the remote machine, touching nothing else; what is done there is looked at there."""

import pytest

from console.mesh.session_kind import SessionKind
from tests.e2e.desk import Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm

pytestmark = pytest.mark.e2e


def test_a_typed_command_makes_a_file_on_the_remote_machine(desk: Desk, rmm: Rmm, hands: Hands) -> None:
    console = desk.signed_in(rmm)
    session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
    console.connected(session)
    file = rmm.mesh.home / "typed.txt"
    hands.type(f"echo hello from far > {file}")
    hands.press("Return")
    console.until(lambda: file.exists() and file.read_text() == "hello from far\n", "the command did not run there")
