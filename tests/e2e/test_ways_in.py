"""Each way into the real MeshCentral: what the technician does, and the shell at its end."""

import json
import secrets
import time
from urllib.parse import quote

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from console.demo.accounts import totp_code
from console.demo.api_content import Links
from console.demo.mesh_socket import MeshSocket
from console.demo.mesh_token import tactical_login_token
from console.mesh.errors import OwnSignInRefused
from console.mesh.link import site_of
from console.mesh.session_kind import SessionKind
from console.mesh.sign_in import sign_in as mesh_sign_in
from console.secret import Secret
from console.sessions.entry_way import EntryWay
from console.sessions.journal_entry import Query
from console.sessions.mesh_secrets import read_key, write_key
from console.sessions.mesh_side import BY_KEY
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.sessions.progress import State
from console.sessions.session import Session
from console.ui.mesh.about_server import AboutServer
from console.ui.mesh.node_picker import NodePicker
from console.ui.mesh.tokens import TokensDialog
from console.ui.session.mesh_sign_in import MeshSignInForm
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.session_words import reached, until_words, words
from tests.e2e.signing_in import choose
from tests.e2e.transferring import go_to
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


def with_second_factor(rmm: Rmm, user: str) -> Secret:
    """Switches one-time codes on for a Mesh user, as MeshCentral's page does it; the key that they are made with."""
    server = rmm.mesh.server
    token = tactical_login_token(server.login_key, user)
    path = f"/control.ashx?auth={quote(token.reveal(), safe='')}"
    with MeshSocket(server.port, server.fingerprint, path) as channel:

        def answer(action: str) -> dict[str, object]:
            deadline = time.monotonic() + 20
            while (message := channel.receive(deadline)) is not None:
                decoded: dict[str, object] = json.loads(message)
                if decoded.get("action") == action:
                    return decoded
            raise AssertionError(f"no answer to {action}")

        channel.send(json.dumps({"action": "otpauth-request"}))
        key = Secret(str(answer("otpauth-request")["secret"]))
        code = totp_code(key, time.time())
        channel.send(json.dumps({"action": "otpauth-setup", "secret": key.reveal(), "token": code}))
        assert answer("otpauth-setup")["success"] is True
    return key


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


class TestOwnSignIn:
    """A server whose links hold no login: the technician's own sign-in, in the session's view."""

    def asked(self, desk: Desk, rmm: Rmm, kind: SessionKind = SessionKind.TERMINAL) -> tuple[Console, Session]:
        rmm.api.links = Links.WITHOUT_LOGIN
        console = desk.signed_in(rmm)
        session = console.open(rmm.live[0].hostname, kind)
        reached(console, session, State.SIGNING_IN)
        return console, session

    @staticmethod
    def form(console: Console, session: Session) -> MeshSignInForm:
        tab = console.tab(session)
        console.until(lambda: any(one.isVisible() for one in tab.findChildren(MeshSignInForm)), "no form")
        (form,) = tab.findChildren(MeshSignInForm)
        return form

    def sign_in(self, console: Console, session: Session, user: str, password: Secret) -> None:
        form = self.form(console, session)
        console.hands.click(form.user)
        console.hands.press("ctrl+a")
        console.hands.type(user)
        console.hands.press("Return")
        form.password.setText(password.reveal())
        console.hands.press("Return")

    def test_typed_kept_and_filled_in_the_next_time(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.asked(desk, rmm)
        self.sign_in(console, session, rmm.mesh.user, rmm.mesh.password)
        console.connected(session)
        assert session.entry.way is EntryWay.OWN
        WebPage(console, session).shell_works(rmm.mesh.home)
        hands.click(console.wait_for_button("Keep", console.tab(session)))
        console.until(lambda: session.mesh.to_keep is None, "it was not kept")
        kept = self.kept(console, rmm)
        assert kept is not None
        assert (kept.user, kept.password.reveal(), kept.lasting) == (rmm.mesh.user, rmm.mesh.password.reveal(), False)
        console.until(lambda: not console.tab(session).mesh_messages.offer.isVisible())

        (connection,) = console.app.accounts.connections.values()
        connection.own_sign_ins.clear()  # as after the next start
        console.window.tabs.setCurrentIndex(0)
        second = console.open(rmm.live[0].hostname, SessionKind.FILES)
        console.connected(second)
        assert second.mesh.to_keep is None, "what is kept is not offered again"

    def test_a_wrong_password_is_told_and_typed_anew(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.asked(desk, rmm)
        self.sign_in(console, session, rmm.mesh.user, Secret("not the password"))
        console.until(lambda: session.mesh.refused is not None, "it was not refused")
        until_words(console, session, "did not accept the user name and password")
        until_words(console, session, "case-sensitive")
        assert self.kept(console, rmm) is None
        self.sign_in(console, session, rmm.mesh.user, rmm.mesh.password)
        console.connected(session)

    def test_it_serves_for_this_run_without_being_kept(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.asked(desk, rmm)
        self.sign_in(console, session, rmm.mesh.user, rmm.mesh.password)
        console.connected(session)
        hands.click(console.wait_for_button("Not now", console.tab(session)))
        assert self.kept(console, rmm) is None
        console.window.tabs.setCurrentIndex(0)
        console.connected(console.open(rmm.live[0].hostname, SessionKind.FILES))

    def test_never_for_this_host(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.asked(desk, rmm)
        self.sign_in(console, session, rmm.mesh.user, rmm.mesh.password)
        console.connected(session)
        hands.click(console.wait_for_button("Never here", console.tab(session)))
        (connection,) = console.app.accounts.connections.values()
        assert connection.server.never_keep == (f"{rmm.mesh.site}/",)
        connection.own_sign_ins.clear()
        console.window.tabs.setCurrentIndex(0)
        second = console.open(rmm.live[0].hostname, SessionKind.FILES)
        reached(console, second, State.SIGNING_IN)
        self.sign_in(console, second, rmm.mesh.user, rmm.mesh.password)
        console.connected(second)
        assert second.mesh.to_keep is None
        assert self.kept(console, rmm) is None

    def test_a_lasting_token_in_place_of_the_password(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.asked(desk, rmm)
        self.sign_in(console, session, rmm.mesh.user, rmm.mesh.password)
        console.connected(session)
        hands.click(console.wait_for_button("Keep a login token instead", console.tab(session)))
        console.until(lambda: session.mesh.to_keep is None, "no token was made")
        kept = self.kept(console, rmm)
        assert kept is not None
        assert kept.lasting
        assert kept.user.startswith("~t:")
        assert kept.password.reveal() != rmm.mesh.password.reveal()
        (connection,) = console.app.accounts.connections.values()
        connection.own_sign_ins.clear()
        console.window.tabs.setCurrentIndex(0)
        second = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        console.connected(second)
        WebPage(console, second).shell_works(rmm.mesh.home)

    def test_lasting_tokens_are_listed_and_revoked(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        user, password = f"Keeper-{secrets.token_hex(4)}", Secret(secrets.token_urlsafe(18))
        rmm.mesh.server.add_user(user, password)
        rmm.mesh.server.allow(user.lower(), rmm.mesh.agent.node_id)
        key = with_second_factor(rmm, user)
        console, session = self.asked(desk, rmm)
        self.sign_in(console, session, user, password)
        console.until(lambda: session.state is State.SIGNING_IN and not session.mesh.asks, "no code is asked for")
        page = WebPage(console, session)
        page.click("#tokenInput")
        hands.type(totp_code(key, time.time()))
        hands.press("Return")
        console.connected(session)
        hands.click(console.wait_for_button("Keep a login token instead", console.tab(session)))
        console.until(lambda: session.mesh.to_keep is None, "no token was made")
        token = self.kept(console, rmm)
        assert token is not None

        choose(console, "About Test RMM")
        console.until(lambda: bool(console.window.findChildren(AboutServer)), "no page about the server")
        (about,) = console.window.findChildren(AboutServer)
        hands.click(console.wait_for_button("Login tokens…", about))
        console.until(lambda: bool(about.findChildren(TokensDialog)), "no tokens")
        (dialog,) = about.findChildren(TokensDialog)
        hands.click(dialog.user)
        hands.type(user)
        dialog.password.setText(password.reveal())
        hands.click(dialog.go_on)
        console.until(dialog.code.isVisible, "no code is asked for")
        hands.click(dialog.code)
        hands.type(totp_code(key, time.time()))
        hands.press("Return")
        console.until(lambda: dialog.list.count() == 1, "the token is not listed")
        assert "kept by this console" in dialog.list.item(0).text()
        hands.click(dialog.list.viewport(), dialog.list.visualItemRect(dialog.list.item(0)).center())
        hands.click(dialog.revoke)
        say_yes(console, "Revoke it")
        console.until(lambda: dialog.list.count() == 0, "the token was not revoked")
        console.until(lambda: self.kept(console, rmm) is None, "what was revoked is kept")
        (connection,) = console.app.accounts.connections.values()
        with pytest.raises(OwnSignInRefused):
            mesh_sign_in(site_of(rmm.mesh.site), token.user, token.password, connection.transport)

    def test_a_kept_sign_in_that_no_longer_serves_is_asked_anew(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        rmm.api.links = Links.WITHOUT_LOGIN
        console = desk.signed_in(rmm)
        (connection,) = console.app.accounts.connections.values()
        done: list[None] = []
        old = OwnSignIn(rmm.mesh.user, Secret("an old password"))
        console.app.mesh_secrets.keep(
            connection.server.id, site_of(rmm.mesh.site), old, lambda: done.append(None), print
        )
        console.until(lambda: bool(done))
        session = console.open(rmm.live[0].hostname, SessionKind.TERMINAL)
        reached(console, session, State.SIGNING_IN)
        until_words(console, session, "did not accept the user name and password")
        self.sign_in(console, session, rmm.mesh.user, rmm.mesh.password)
        console.connected(session)
        hands.click(console.wait_for_button("Keep", console.tab(session)))
        console.until(lambda: session.mesh.to_keep is None, "it was not kept")
        kept = self.kept(console, rmm)
        assert kept is not None
        assert kept.password.reveal() == rmm.mesh.password.reveal()

    def test_files_are_moved_with_it_too(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        console, session = self.asked(desk, rmm, SessionKind.FILES)
        self.sign_in(console, session, rmm.mesh.user, rmm.mesh.password)
        console.connected(session)
        go_to(WebPage(console, session), hands, rmm.mesh.home)
        console.until(lambda: session.facts.folder == str(rmm.mesh.home), "the folder is not shown")
        near = desk.folder / "up by own sign-in.txt"
        near.write_text("own")
        console.app.transfers.upload(session, [near])
        far = rmm.mesh.home / near.name
        console.until(lambda: far.exists() and far.read_text() == "own", "the file did not arrive")

    def test_a_one_time_code_is_typed_into_the_page(self, desk: Desk, rmm: Rmm, hands: Hands) -> None:
        user, password = f"Two-{secrets.token_hex(4)}", Secret(secrets.token_urlsafe(18))
        rmm.mesh.server.add_user(user, password)
        rmm.mesh.server.allow(user.lower(), rmm.mesh.agent.node_id)
        key = with_second_factor(rmm, user)
        console, session = self.asked(desk, rmm)
        self.sign_in(console, session, user, password)
        console.until(
            lambda: session.state is State.SIGNING_IN and not session.mesh.asks, "MeshCentral does not ask for the code"
        )
        page = WebPage(console, session)
        page.click("#tokenInput")
        hands.type(totp_code(key, time.time()))
        hands.press("Return")
        console.connected(session)
        page.shell_works(rmm.mesh.home)
        assert session.mesh.to_keep is not None, "the sign-in is not on offer"
        console.until(lambda: session.mesh_account is not None, "whose account it is was not learnt")
        assert session.mesh_account is not None
        assert session.mesh_account.name == user

    @staticmethod
    def kept(console: Console, rmm: Rmm) -> OwnSignIn | None:
        (connection,) = console.app.accounts.connections.values()
        found: list[OwnSignIn | None] = []
        console.app.mesh_secrets.sign_in(connection.server.id, site_of(rmm.mesh.site), found.append)
        console.until(lambda: bool(found), "the keyring does not answer")
        return found[0]
