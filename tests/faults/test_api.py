"""What an RMM can do wrong with what is asked of it beside the list: signing in, session links, details, actions.

Each time the whole window is at work on a real connection. It says what is wrong, asks nothing twice that leaves a
trace, loses nothing that was typed, and goes on once the server does.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

import pytest

from console.rmm.errors import SignInAgain
from console.sessions.fleet_action import ActionKind, FleetAction
from console.sessions.progress import State
from console.sessions.sign_in_flow import Step
from console.ui.detail.pane import DetailPane
from console.ui.detail.section_bar import Section
from tests.faults.catalog import FAULTS
from tests.faults.faulty import NODE, Faulty, faulty_rmm
from tests.faults.list_server import agent_id, body, good, rows, sends
from tests.faults.window import Office
from tests.unit.tls import Identity

pytestmark = pytest.mark.usefixtures("impatient")
EACH = pytest.mark.parametrize("fault", FAULTS)
AGENT = f"/agents/{agent_id(0)}/"
WEB_PAGE = "is the address of a web page|answers, but it is not Tactical RMM"


@pytest.fixture
def rmm() -> Iterator[Faulty]:
    with faulty_rmm() as made:
        yield made


class TestTheAddress:
    """`GET /`, before anything is typed that is secret: what answers so is not taken for an RMM."""

    OTHER: ClassVar = {
        name: WEB_PAGE
        for name in (
            *("a web page", "wrong types", "null", "nothing", "deep nesting", "bad UTF-8"),
            *("301", "401", "403", "404", "404 of a web server"),
        )
    }

    @EACH
    def test_it_is_said_and_can_be_tried_again(self, office: Office, rmm: Faulty, fault: str) -> None:
        FAULTS[fault].begin(rmm, "GET / ")
        office.field("API address of your Tactical RMM").setText(rmm.address)
        office.press("Continue")
        office.says(self.OTHER.get(fault, FAULTS[fault].says))
        assert office.app.flow.step is Step.ADDRESS
        assert office.field("API address of your Tactical RMM").text() == rmm.address
        if fault != "429":  # there a clock counts down first
            rmm.mend()
            office.press("Continue")
            office.until(lambda: office.app.flow.step is Step.CREDENTIALS)


class TestThePassword:
    OTHER: ClassVar = {
        "401": "does not let anybody sign in from here",
        "403": "does not let anybody sign in from here",
    }

    @EACH
    def test_it_is_sent_once_and_what_is_wrong_is_said(self, office: Office, rmm: Faulty, fault: str) -> None:
        self.at_credentials(office, rmm)
        FAULTS[fault].begin(rmm, "POST /v2/checkcreds/")
        office.press("Continue")
        office.says(self.OTHER.get(fault, FAULTS[fault].says))
        assert office.app.flow.step is Step.CREDENTIALS
        assert rmm.count("POST /v2/checkcreds/") == (0 if fault == "refused" else 1)
        assert office.field("User name").text() == "tech"
        assert office.field("Password").text() == "a secret"
        if fault != "429":
            rmm.mend()
            office.press("Continue")
            office.until(lambda: office.app.flow.step is Step.CODE)

    @EACH
    def test_nor_is_a_code_sent_twice(self, office: Office, rmm: Faulty, fault: str) -> None:
        self.at_credentials(office, rmm)
        office.press("Continue")
        office.until(lambda: office.app.flow.step is Step.CODE)
        FAULTS[fault].begin(rmm, "POST /v2/login/")
        office.field("One-time code").setText("123456")
        office.says(self.OTHER.get(fault, FAULTS[fault].says))
        assert office.app.flow.step is Step.CODE
        assert rmm.count("POST /v2/login/") == (0 if fault == "refused" else 1)
        assert not office.app.accounts.connections, "nobody is signed in by it"
        if fault != "429":
            rmm.mend()
            office.press("Sign in")
            office.until(lambda: bool(office.app.accounts.connections))

    @staticmethod
    def at_credentials(office: Office, rmm: Faulty) -> None:
        office.field("API address of your Tactical RMM").setText(rmm.address)
        office.press("Continue")
        office.until(lambda: office.app.flow.step is Step.CREDENTIALS and not office.app.flow.busy)
        office.field("User name").setText("tech")
        office.field("Password").setText("a secret")


@pytest.fixture
def with_mesh(mesh: Faulty) -> Iterator[Faulty]:
    """An RMM whose MeshCentral is there."""
    with faulty_rmm(mesh.address) as made:
        yield made


@EACH
def test_a_session_link_is_asked_for_once_and_the_tab_says_what_is_wrong(
    office: Office, with_mesh: Faulty, mesh: Faulty, own: Identity, fault: str
) -> None:
    rmm = with_mesh
    office.sign_in(rmm, {f"127.0.0.1:{mesh.port}": own.fingerprint})
    FAULTS[fault].begin(rmm, f"GET {AGENT}meshcentral/")
    session = office.open()
    office.until(lambda: session.state is State.FAILED, lambda: f"it is {session.state}")
    office.says(FAULTS[fault].says, lambda: office.tab_of(session))
    assert rmm.count(f"GET {AGENT}meshcentral/") == (0 if fault == "refused" else 1), "each asking is an audit entry"
    office.works()
    rmm.mend()
    office.press("Try again", office.tab_of(session))
    office.until(lambda: bool(office.pages[-1].opened), lambda: f"it is {session.state}, {session.problem}")
    assert office.pages[-1].opened[0][0].node == NODE


@EACH
def test_a_part_of_the_details_says_what_is_wrong_and_holds_up_no_other(
    office: Office, rmm: Faulty, fault: str
) -> None:
    office.sign_in(rmm)
    pane = office.window.findChildren(DetailPane)[0]
    office.until(lambda: rmm.count(f"GET {AGENT}") > 0)
    FAULTS[fault].begin(rmm, f"GET {AGENT}checks/")
    pane.choose(Section.CHECKS)
    page = pane.pages[Section.CHECKS]
    if fault == "403":
        office.says("Your role at this server does not include the checks", lambda: page)
        return
    office.says(FAULTS[fault].says, lambda: page)
    office.works()
    rmm.mend()
    office.press("Try again", page)
    office.says("The RMM checks nothing on this agent", lambda: page)


UNCLEAR = ("reset", "hangs up", "black hole", "slow drip", "half an answer")


@EACH
def test_an_action_is_asked_for_once_and_what_came_of_it_is_said(office: Office, rmm: Faulty, fault: str) -> None:
    page = office.sign_in(rmm)
    (connection,) = office.app.accounts.connections.values()
    FAULTS[fault].begin(rmm, f"POST {AGENT}reboot/")
    agents = [agent for agent in page.watch.store.agents() if agent.agent_id == agent_id(0)]
    office.app.fleet_desk.begin(connection, FleetAction(ActionKind.REBOOT), agents)
    office.until(lambda: bool(office.messages()) or "reboot" in office.words().lower(), office.words)
    office.until(lambda: bool(office.messages()), office.words)
    said = office.messages()[0]
    assert "PC-00000" in said
    assert re.search(FAULTS[fault].says, said)
    if fault in UNCLEAR:
        assert re.search("may have|not known|unclear|look", said, re.IGNORECASE), said
    assert rmm.count(f"POST {AGENT}reboot/") == (0 if fault == "refused" else 1)


class TestTheSignInEnds:
    """401 in mid-flight: the sign-in page is shown, and what is open stays open."""

    def test_while_sessions_are_open(self, office: Office, with_mesh: Faulty, mesh: Faulty, own: Identity) -> None:
        office.sign_in(with_mesh, {f"127.0.0.1:{mesh.port}": own.fingerprint})
        session = office.open()
        office.until(lambda: bool(office.pages and office.pages[0].opened))
        with_mesh.break_("GET /agents/", sends(body({"detail": "Invalid token."}), "401 Unauthorized"))
        office.page.watch.refresh()
        office.until(lambda: office.app.flow.step is Step.CREDENTIALS and bool(office.app.flow.problem))
        assert isinstance(office.app.flow.problem, SignInAgain)
        office.window.tabs.show_home()
        office.says("Your sign-in at .* has ended")
        office.says("what you have open stays as it is")
        assert session.state is State.OPENING
        assert office.app.sessions.of(session.connection.server.id, agent_id(0)) == [session]
        assert office.pages[0].told[-1] != "close"
        with_mesh.mend()
        office.field("Password").setText("a secret")
        office.press("Continue")
        office.until(lambda: office.app.flow.step is Step.CODE)
        office.field("One-time code").setText("123456")
        office.until(lambda: office.page.watch.as_of is not None)
        assert session.connection is next(iter(office.app.accounts.connections.values()))


def test_nulls_in_the_details_cost_nothing(office: Office, rmm: Faulty) -> None:
    rmm.break_(f"GET {AGENT}", good({**dict.fromkeys(rows(1)[0]), "agent_id": agent_id(0), "hostname": "PC-00000"}))
    office.sign_in(rmm)
    office.until(lambda: rmm.count(f"GET {AGENT}") > 0)
    office.wait(100)
    office.works()
    assert not office.messages()
    assert office.app.unhandled.dialog is None
