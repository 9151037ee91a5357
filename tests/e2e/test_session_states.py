"""What a session tab says when there is nothing to connect to, and how it comes back when there is again."""

import subprocess
import sys

import psutil
import pytest

from console.demo.api import Links
from console.mesh.errors import MeshNotSetUp, NodeNotFound, NoMeshAgent
from console.mesh.session_kind import SessionKind
from console.secret import Secret
from console.sessions.progress import State
from console.sessions.session import Session
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.session_words import reached, until_words
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11 and /proc"


def invented(rmm: Rmm, node_id: str | None) -> str:
    """The host name of an online agent that is not the real one, with this Mesh node."""
    machine = next(each for each in rmm.fleet.machines if not each.live)
    machine.node_id = node_id
    rmm.api.status_override[machine.agent_id] = "online"
    return machine.hostname


class TestLinksThatCannotWork:
    @pytest.mark.parametrize("node_id", [None, ""])
    def test_no_mesh_agent(self, desk: Desk, rmm: Rmm, node_id: str | None) -> None:
        hostname = invented(rmm, node_id)
        session = self.refused(desk, rmm, hostname)
        assert isinstance(session.problem, NoMeshAgent)

    def test_the_rmm_has_no_mesh_key(self, desk: Desk, rmm: Rmm) -> None:
        rmm.api.links = Links.LOGIN_ERR
        assert isinstance(self.refused(desk, rmm, rmm.live[0].hostname).problem, MeshNotSetUp)

    def test_the_rmm_has_no_mesh_site(self, desk: Desk, rmm: Rmm) -> None:
        rmm.api.mesh = lambda machine: None
        assert isinstance(self.refused(desk, rmm, rmm.live[0].hostname).problem, MeshNotSetUp)

    @staticmethod
    def refused(desk: Desk, rmm: Rmm, hostname: str) -> Session:
        """Opens a session that is refused before anything reaches MeshCentral."""
        console = desk.signed_in(rmm)
        sent: list[str] = []
        (connection,) = console.app.accounts.connections.values()
        send = connection.transport.send

        def noted(method: str, url: str, *rest: object, **named: object) -> object:
            sent.append(url)
            return send(method, url, *rest, **named)  # type: ignore[arg-type]

        connection.transport.send = noted  # type: ignore[method-assign, assignment]
        session = console.open(hostname, SessionKind.TERMINAL)
        reached(console, session, State.FAILED)
        assert session.problem is not None
        until_words(console, session, session.problem.what)
        assert [url for url in sent if url.endswith("/meshcentral/")], "the links were not asked for"
        assert [url for url in sent if not url.startswith(rmm.address)] == []
        assert session.page is None or WebPage(console, session).page.url().toString() in ("", "about:blank")
        return session


class TestOffline:
    def offline(self, desk: Desk, rmm: Rmm, hands: Hands) -> tuple[Console, Session]:
        rmm.api.status_override[rmm.live[0].agent_id] = "offline"
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        reached(console, session, State.OFFLINE)
        until_words(console, session, f"{rmm.live[0].hostname} is offline.")
        assert rmm.api.audit == []
        return console, session

    def test_opened_anyway(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.offline(desk, rmm, hands)
        hands.click(console.wait_for_button("Open anyway", console.tab(session)))
        console.connected(session)
        WebPage(console, session).shell_works(rmm.mesh.home)

    def test_waiting_goes_on_by_itself(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.offline(desk, rmm, hands)
        hands.click(console.wait_for_button("Connect when it comes online", console.tab(session)))
        reached(console, session, State.WAITING)
        until_words(console, session, f"Waiting for {rmm.live[0].hostname}.")
        del rmm.api.status_override[rmm.live[0].agent_id]
        console.connected(session)
        assert len(rmm.api.audit) == 1
        WebPage(console, session).shell_works(rmm.mesh.home)

    def test_the_list_was_old(self, desk: Desk, rmm: Rmm) -> None:
        rmm.api.status_override[rmm.live[0].agent_id] = "overdue"
        console = desk.signed_in(rmm)
        del rmm.api.status_override[rmm.live[0].agent_id]
        console.connected(console.open(rmm.live[0].hostname, SessionKind.FILES))


class TestMeshCentral:
    def test_a_node_that_the_account_does_not_see(self, desk: Desk, rmm: Rmm) -> None:
        hostname = invented(rmm, "ab" * 48)
        console = desk.signed_in(rmm)
        session = console.open(hostname, SessionKind.TERMINAL)
        reached(console, session, State.FAILED)
        assert isinstance(session.problem, NodeNotFound)
        until_words(console, session, "MeshCentral does not show this agent to you.")

    def test_an_agent_that_is_away_connects_when_it_is_back(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        rmm.mesh.agent.stop()
        try:
            session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
            reached(console, session, State.MESH_OFFLINE)
            until_words(console, session, "MeshCentral has no connection to")
        finally:
            rmm.mesh.agent.start()
        console.connected(session)
        WebPage(console, session).shell_works(rmm.mesh.home)

    def test_a_server_that_is_down_fails_and_can_be_tried_again(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console = desk.signed_in(rmm)
        server = psutil.Process(rmm.mesh.server.pid)
        try:
            for process in (*server.children(recursive=True), server):
                process.kill()
            session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
            reached(console, session, State.FAILED)
            assert session.problem is not None
            until_words(console, session, session.problem.what)
            assert session.lost is None, "what never worked is not tried again by itself"
        finally:
            rmm.mesh.server.restart()
            rmm.mesh.agent.restart()
        hands.click(console.wait_for_button("Try again", console.tab(session)))
        console.connected(session)
        WebPage(console, session).shell_works(rmm.mesh.home)


class TestSignInInThePage:
    """Links without `login=`: MeshCentral asks for its own user name and password."""

    @staticmethod
    def typed(secret: Secret) -> None:
        subprocess.run(["xdotool", "type", "--delay", "12", "--file", "-"], input=secret.reveal().encode(), check=True)

    def sign_in(self, page: WebPage, hands: Hands, user: str, password: Secret) -> None:
        for field, text in (("#username", Secret(user)), ("#password", password)):
            page.click(field)
            hands.press("ctrl+a")
            self.typed(text)
            page.until(f"document.querySelector('{field}').value.length === {len(text.reveal())}")
        hands.press("Return")

    def test_it_goes_on_to_the_agent(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        rmm.api.links = Links.WITHOUT_LOGIN
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        reached(console, session, State.SIGNING_IN)
        until_words(console, session, "Sign in to MeshCentral")
        hands.click(console.wait_for_button("Sign in on MeshCentral's own page", console.tab(session)))
        console.until(lambda: session.state is State.SIGNING_IN and not session.mesh.asks, "no page to sign in")
        page = WebPage(console, session)
        self.sign_in(page, hands, rmm.mesh.user, Secret("not the password"))
        page.until("document.getElementById('password').value === ''", "the wrong password was not sent")
        page.until("document.readyState === 'complete' && /[Ll]ogin failed|nvalid/.test(document.body.innerText)")
        assert session.state is State.SIGNING_IN
        self.sign_in(page, hands, rmm.mesh.user, rmm.mesh.password)
        console.connected(session)
        assert page.value("[xxcurrentView, currentNode._id]") == [12, rmm.mesh.agent.node_id]
        WebPage(console, session).shell_works(rmm.mesh.home)
