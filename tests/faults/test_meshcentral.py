"""What a MeshCentral can do wrong when a session is opened: with the login token, with its page, with the account.

Each time the whole window is at work on real connections under TLS, and where the page is what goes wrong, on the real
page too.
"""

import base64
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.mesh.web import view
from console.sessions.progress import State
from tests.faults.catalog import FAULTS, SLOW
from tests.faults.faulty import TOKEN, Faulty
from tests.faults.list_server import HTML, Answer, sends
from tests.faults.window import Office
from tests.unit.tls import Identity

pytestmark = pytest.mark.usefixtures("impatient")
AWAY = "MeshCentral at 127.0.0.1:\\d+ does not answer"
REFUSED = "refused the sign-in that the RMM made for you"


@pytest.fixture
def signed_in(office: Office, rmm: Faulty, mesh: Faulty, own: Identity) -> Office:
    office.sign_in(rmm, {f"127.0.0.1:{mesh.port}": own.fingerprint})
    return office


class TestTheLoginToken:
    """`GET /?login=`: only the head of the answer counts, so whatever stands in its body is not looked at."""

    @pytest.mark.parametrize("fault", FAULTS)
    def test_the_tab_says_what_is_wrong_and_the_rmm_is_not_asked_again(
        self, signed_in: Office, rmm: Faulty, mesh: Faulty, fault: str
    ) -> None:
        office = signed_in
        FAULTS[fault].begin(mesh, "GET /?login=")
        session = office.open()
        office.until(lambda: session.state is State.FAILED, lambda: f"it is {session.state}")
        office.says(self.words(fault), lambda: office.tab_of(session))
        assert TOKEN not in office.words()
        assert session.problem is not None
        assert TOKEN not in session.problem.report()
        office.works()
        mesh.mend()
        office.press("Try again", office.tab_of(session))
        office.until(lambda: bool(office.pages[-1].opened), lambda: f"it is {session.state}, {session.problem}")
        asked = sum("/meshcentral/" in line for line in rmm.asked)
        assert asked == (2 if self.words(fault) == REFUSED else 1), "only a token that was refused is asked for anew"

    @staticmethod
    def words(fault: str) -> str:
        if fault in ("refused", "reset", "hangs up", "black hole"):
            return AWAY
        if fault == "301":
            return "sends this computer on to another address"
        status = fault.partition(" ")[0]
        return f"answered with an error \\({status}\\)" if status.isdigit() else REFUSED

    def test_a_cookie_that_is_nested_deeply_is_as_good_as_any(self, signed_in: Office, mesh: Faulty) -> None:
        deep = base64.b64encode(b'{"x":' + b"[" * 20_000).decode()
        mesh.break_("GET /?login=", sends(b"", "200 OK", HTML, f"Set-Cookie: xid={deep}; path=/"))
        session = signed_in.open()
        signed_in.until(lambda: bool(signed_in.pages[-1].opened) or session.state is State.FAILED)
        assert session.problem is None, "the page tells what it is worth"


@pytest.fixture
def real(
    qapp: QApplication,
    qtbot: QtBot,
    tmp_path: Path,
    rmm: Faulty,
    mesh: Faulty,
    own: Identity,
) -> Iterator[Office]:
    """Signed in, and the sessions have real pages."""
    made = Office(qapp, qtbot, tmp_path, real_pages=True)
    made.sign_in(rmm, {f"127.0.0.1:{mesh.port}": own.fingerprint})
    yield made
    made.end()


class TestThePage:
    PAGE = "GET /?gotonode="

    @pytest.mark.parametrize(
        ("fault", "says"),
        [
            *(
                (fault, "The page of MeshCentral at 127.0.0.1:\\d+ could not be loaded")
                for fault in ("reset", "hangs up")
            ),
            ("half an answer", "The page of MeshCentral at 127.0.0.1:\\d+ could not be loaded"),
            ("black hole", "The page of MeshCentral does not come up"),
            ("slow drip", "The page of MeshCentral does not come up"),
            ("301", "sends this computer on to another address"),
            *(
                (fault, f"answered with an error \\({fault[:3]}\\)")
                for fault in ("401", "403", "404", "429", "500", "502")
            ),
            ("404 of a web server", "answered with an error \\(404\\)"),
        ],
    )
    def test_the_tab_says_what_is_wrong_and_another_try_works(
        self, real: Office, mesh: Faulty, rmm: Faulty, fault: str, says: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        FAULTS[fault].begin(mesh, self.PAGE)
        with monkeypatch.context() as patched:
            if fault in SLOW:  # else it is given up after a minute
                patched.setattr(view, "_SILENT_MILLISECONDS", 2000)
            session = real.open()
        real.until(lambda: session.state is State.FAILED, lambda: f"it is {session.state}")
        real.says(says, lambda: real.tab_of(session))
        real.works()
        mesh.mend()
        real.press("Try again", real.tab_of(session))
        real.until(lambda: session.state is State.BY_HAND, lambda: f"it is {session.state}")
        assert sum("/meshcentral/" in line for line in rmm.asked) == 1

    @pytest.mark.parametrize("times", range(3))
    def test_refused_after_the_token_was_taken(self, real: Office, mesh: Faulty, times: int) -> None:
        """Again and again, because Qt tells of it only sometimes: the empty page may be being loaded still."""
        mesh.break_("GET /?login=", self.last_answer(mesh))
        session = real.open()
        real.until(lambda: session.state is State.FAILED, lambda: f"it is {session.state}")
        real.says("could not be loaded", lambda: real.tab_of(session))

    @staticmethod
    def last_answer(mesh: Faulty) -> Answer:
        good = mesh.answers["GET /?login="]

        def answer(connection: socket.socket) -> None:
            good(connection)
            mesh.refuse()

        return answer

    @pytest.mark.parametrize(
        "fault", ["a web page", "wrong types", "null", "nothing", "huge", "deep nesting", "bad UTF-8"]
    )
    def test_a_page_that_is_none_of_meshcentrals_is_shown_and_left_to_the_technician(
        self, real: Office, mesh: Faulty, fault: str
    ) -> None:
        """It came from MeshCentral's own address, under its own certificate: an unknown version looks like that."""
        FAULTS[fault].begin(mesh, self.PAGE)
        session = real.open()
        real.until(lambda: session.state is State.BY_HAND, lambda: f"it is {session.state}, {session.problem}")
        real.says("Press Connect in the page", lambda: real.tab_of(session))
        real.works()
        real.app.sessions.close(session)
        real.works()
