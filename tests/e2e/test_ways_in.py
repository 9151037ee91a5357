"""Each way into the real MeshCentral: what the technician does, and the shell at its end."""

import secrets

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from console.demo.api_content import Links
from console.mesh.link import site_of
from console.mesh.session_kind import SessionKind
from console.secret import Secret
from console.sessions.entry_way import EntryWay
from console.sessions.journal_entry import Query
from console.sessions.mesh_secrets import read_key, write_key
from console.sessions.mesh_side import BY_KEY
from console.sessions.own_sign_in import EmergencyKey
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.mesh.node_picker import NodePicker
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.test_session_states import reached, until_words, words
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e


def give_key(console: Console, rmm: Rmm, key: Secret | None = None) -> None:
    """What `technician-console mesh-key` does."""
    (connection,) = console.app.accounts.connections.values()
    kept = EmergencyKey(site_of(rmm.mesh.site), rmm.mesh.user, key or rmm.mesh.server.login_key)
    done: list[None] = []
    console.app.accounts.with_vault(lambda vault: write_key(vault, connection.server.id, kept), done.append, print)
    console.until(lambda: bool(done), "the key was not kept")


def say_yes(console: Console, text: str) -> None:
    """Answers the question that is over the window."""
    console.until(lambda: bool(boxes()), "nothing is asked")
    (box,) = boxes()
    console.hands.click(next(one for one in box.findChildren(QPushButton) if one.text() == text))


def boxes() -> list[QMessageBox]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QMessageBox) and one.isVisible()]


class TestEmergency:
    def down(self, desk: Desk, rmm: Rmm, *, seen: bool) -> tuple[Console, Session]:
        """The RMM goes down after the list was there; with `seen` a session was open before."""
        console = desk.signed_in(rmm)
        give_key(console, rmm)
        if seen:
            before = console.open(rmm.live[0].hostname, SessionKind.FILES)
            console.connected(before)
            console.app.sessions.close(before)
            (connection,) = console.app.accounts.connections.values()
            connection.links.forget(rmm.live[0].agent_id)
        rmm.stop()
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        reached(console, session, State.FAILED)
        return console, session

    def test_a_node_that_was_seen(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.down(desk, rmm, seen=True)
        audit = len(rmm.api.audit)
        hands.click(console.wait_for_button("Open with the emergency key…", console.tab(session)))
        say_yes(console, "Open with the emergency key")
        console.connected(session)
        assert session.entry.way is EntryWay.KEY
        until_words(console, session, "Opened with the emergency key, past the RMM")
        WebPage(console, session).shell_works(rmm.mesh.home)
        assert len(rmm.api.audit) == audit
        console.until(lambda: session.mesh_account is not None, "whose account it is was not learnt")
        account = session.mesh_account
        assert account is not None
        assert account.way is EntryWay.KEY
        assert account.name == rmm.mesh.user
        console.app.sessions.close(session)
        assert self.journal(console).startswith(BY_KEY)

    def test_a_node_that_is_picked(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.down(desk, rmm, seen=False)
        hands.click(console.wait_for_button("Open with the emergency key…", console.tab(session)))
        say_yes(console, "Open with the emergency key")
        console.until(lambda: bool(console.window.findChildren(NodePicker)), "nothing to pick from")
        (picker,) = console.window.findChildren(NodePicker)
        assert picker.list.count() == 1
        hands.click(picker.list.viewport(), picker.list.visualItemRect(picker.list.item(0)).center())
        hands.click(picker.choose)
        console.connected(session)
        WebPage(console, session).shell_works(rmm.mesh.home)

    def test_it_comes_back_with_another_token(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        """Each token serves once: after MeshCentral was restarted, which ends its cookies, another one is minted."""
        console, session = self.down(desk, rmm, seen=True)
        hands.click(console.wait_for_button("Open with the emergency key…", console.tab(session)))
        say_yes(console, "Open with the emergency key")
        console.connected(session)
        rmm.mesh.server.restart()
        console.until(lambda: session.lost is not None, "it did not notice", 60)
        console.until(lambda: session.state is State.CONNECTED and session.lost is None, "it did not come back", 90)
        assert session.entry.way is EntryWay.KEY

    def test_without_a_key_there_is_no_such_offer(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.signed_in(rmm)
        rmm.stop()
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        reached(console, session, State.FAILED)
        console.wait_for_button("Try again", console.tab(session))
        assert session.mesh.key is None
        assert "emergency" not in words(console, session)

    def test_while_the_rmm_answers_there_is_no_such_offer(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.signed_in(rmm)
        give_key(console, rmm)
        rmm.api.links = Links.LOGIN_ERR
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        reached(console, session, State.FAILED)
        console.wait_for_button("Try again", console.tab(session))
        assert session.mesh.key is None

    def test_a_key_that_was_changed_on_the_server(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.down(desk, rmm, seen=True)
        give_key(console, rmm, Secret(secrets.token_hex(80)))
        session.open()
        console.until(lambda: session.mesh.key is not None, "no key on offer")
        hands.click(console.wait_for_button("Open with the emergency key…", console.tab(session)))
        say_yes(console, "Open with the emergency key")
        until_words(console, session, "refused the emergency key")

    def test_signing_out_leaves_the_key_and_removing_the_server_takes_it(self, desk: Desk, rmm: Rmm) -> None:
        console = desk.signed_in(rmm)
        give_key(console, rmm)
        accounts = console.app.accounts
        server = next(iter(accounts.connections.values())).server
        ended: list[None] = []
        kept: list[object] = []
        accounts.sign_out(server, lambda: ended.append(None), print)
        console.until(lambda: bool(ended))
        accounts.with_vault(lambda vault: read_key(vault, server.id), kept.append, print)
        console.until(lambda: bool(kept))
        assert isinstance(kept.pop(), EmergencyKey)
        accounts.remove(server, lambda: ended.append(None), print)
        console.until(lambda: len(ended) == 2)
        accounts.with_vault(lambda vault: read_key(vault, server.id), kept.append, print)
        console.until(lambda: bool(kept))
        assert kept == [None]

    @staticmethod
    def journal(console: Console) -> str:
        found: list[str] = []

        def newest() -> None:
            console.app.journal.find(
                Query(), 1, lambda answer: found.extend(entry.how for entry in answer.entries), print
            )

        newest()
        console.until(lambda: bool(found), "the journal is empty")
        return found[0]
