"""After a run with every kind of secret, none of them is anywhere where it should not be. Last, because it looks at
what the other tests have left as well."""

import base64
import logging
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import platformdirs
import pytest
import requests
from PySide6.QtGui import QGuiApplication
from PySide6.QtNetwork import QNetworkCookie
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from console.demo.accounts import User
from console.demo.api_content import Links, MeshLogin, session_links
from console.demo.fleet import Machine
from console.demo.mesh_local import LocalMesh
from console.mesh.download import DownloadState
from console.mesh.session_kind import SessionKind
from console.secret import Secret
from console.sessions.page import Download
from console.sessions.progress import State
from console.sessions.session import Session
from console.sessions.sign_in_flow import Step
from console.transport import CertificateUntrusted
from tests.e2e.desk import Console, Desk
from tests.e2e.rmm import Rmm
from tests.e2e.secret_search import Processes, SecretSearch, encodings, files
from tests.e2e.signing_in import TOTP_KEY, SignInDesk, choose
from tests.e2e.surroundings import Surroundings
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e
assert sys.platform == "linux", "the end-to-end tests need X11 and /proc"

NO_SESSION = "e30="
"""MeshCentral's `xid` for somebody who is not signed in: an empty object."""


def written(text: str) -> dict[str, bytes]:
    """A text as programs write it, in each of the encodings: made in another way than what is looked for."""
    raw = text.encode()
    forms = {
        "plain": raw,
        "percent": quote(text, safe="").encode(),
        "percent, in full": b"".join(b"%%%02X" % byte for byte in raw),
        "percent, in full, small": b"".join(b"%%%02x" % byte for byte in raw),
        "hex": base64.b16encode(raw).lower(),
        "hex, capital": base64.b16encode(raw),
        "UTF-16-LE": text.encode("utf-16-le"),
        "UTF-16-BE": text.encode("utf-16-be"),
    }
    for before in range(3):
        around = b"abc"[:before] + raw + b" and more"
        forms[f"base64 {before}"] = base64.b64encode(around)
        forms[f"base64 {before}, for URLs"] = base64.urlsafe_b64encode(around)
    return forms


def type_unseen(text: str) -> None:
    """Key by key into the line that has the keyboard, without a program that would have it on its command line."""
    line = QApplication.focusWidget()
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, text)


def type_unseen_into_page(text: str) -> None:
    """Real keys, for a web page; xdotool reads them from its standard input."""
    subprocess.run(["xdotool", "type", "--delay", "12", "--file", "-"], input=text.encode(), check=True, timeout=60)


class Watched:
    """A computer of which everything is searched: where secrets could be, and the far end, which is none of it."""

    def __init__(self, desk: Desk, surroundings: Surroundings, mesh: LocalMesh) -> None:
        self.began = time.time() - 1
        self.shared_memory = Path("/dev/shm")
        self.own = (surroundings.home, surroundings.temporary, desk.places.config, desk.places.logs)
        self._surroundings = surroundings
        # Programs that do not go by TMPDIR, and the cache folder, which stays the person's own in these tests.
        self._shared = (Path("/tmp"), Path("/var/tmp"), self.shared_memory, platformdirs.user_cache_path())
        # MeshCentral's own server, with its login key in its configuration, and the remote machine with its agent: the
        # far end, which is on this computer in these tests only.
        self._far_end = mesh.folder

    def places(self) -> Iterator[tuple[str, bytes]]:
        yield from files(self._surroundings.folder, without=[self._far_end])
        for folder in self._shared:
            yield from files(folder, without=[self._surroundings.folder, self._far_end], since=self.began)


def on_the_screen(console: Console) -> Iterator[tuple[str, bytes]]:
    """Titles, labels, tool tips and lines of the window, also those that are hidden, and the clipboard."""
    for widget in console.window.findChildren(QWidget):
        texts = [widget.windowTitle(), widget.toolTip(), widget.accessibleName(), widget.statusTip()]
        if isinstance(widget, QLabel | QLineEdit):
            texts.append(widget.text())
        if isinstance(widget, QPlainTextEdit):
            texts.append(widget.toPlainText())
        yield f"{type(widget).__name__} “{widget.objectName()}”", "\n".join(texts).encode()
    yield "the window's title", console.window.windowTitle().encode()
    tabs = console.window.tabs
    yield "the tabs", "\n".join(tabs.tabText(i) + tabs.tabToolTip(i) for i in range(tabs.count())).encode()
    yield "the clipboard", QGuiApplication.clipboard().text().encode()


class TestSearch:
    """It must be able to find what it looks for, or finding nothing says nothing."""

    def test_it_finds_each_encoding_in_each_place_and_nothing_after_it_was_removed(
        self, desk: Desk, surroundings: Surroundings, local_mesh: LocalMesh
    ) -> None:
        planted = f"plänted @$ ?>~ {secrets.token_urlsafe(12)}"
        assert encodings(planted).keys() == written(planted).keys()
        search = SecretSearch()
        search.add("planted", planted)
        watched = Watched(desk, surroundings, local_mesh)
        with ExitStack() as stack:
            expected: set[tuple[str, str]] = set()
            for folder in (*watched.own, watched.shared_memory):
                folder.mkdir(parents=True, exist_ok=True)
                made = Path(tempfile.mkdtemp(dir=folder))
                stack.callback(shutil.rmtree, made)
                for number, (how, form) in enumerate(written(planted).items()):
                    file = made / f"{number}.txt"
                    file.write_bytes(b"before " + form + b" after")
                    expected.add((how, str(file)))
            found = {(finding.encoding, finding.place) for finding in search.look(watched.places())}
            assert expected - found == set()
        assert search.look(watched.places()) == []

    def test_it_finds_them_on_command_lines_and_in_environments(self) -> None:
        planted = f"plänted @$ ?>~ {secrets.token_urlsafe(12)}"
        search = SecretSearch()
        search.add("planted", planted)
        with Processes() as processes, ExitStack() as stack:
            expected: set[tuple[str, str]] = set()
            for how, form in written(planted).items():
                if b"\0" in form:  # no argument and no variable can hold a zero byte
                    continue
                for word, environment, what in (
                    (form, {}, "command line"),
                    (b"nothing", {b"PLANTED": form}, "environment"),
                ):
                    process = stack.enter_context(
                        subprocess.Popen(
                            ["sh", "-c", "read _", "sh", word],
                            stdin=subprocess.PIPE,
                            env={**os.environb, **environment},
                        )
                    )
                    stack.callback(process.communicate)
                    expected.add((how, f"the {what} of process {process.pid}"))
            rounds = processes.rounds
            deadline = time.monotonic() + 30
            while processes.rounds < rounds + 2 and time.monotonic() < deadline:
                QTest.qWait(20)
        found = {(finding.encoding, finding.place) for finding in search.look(processes.seen())}
        assert expected - found == set()


class Run:
    """A technician's day with every kind of secret; each is handed to the search as soon as it is known."""

    def __init__(self, console: Console, search: SecretSearch, monkeypatch: pytest.MonkeyPatch) -> None:
        self.console = console
        self.hands = console.hands
        self.page = SignInDesk(console, type_unseen)
        self._search = search
        send = requests.Session.send

        def recorded(
            session: requests.Session, request: requests.PreparedRequest, **options: object
        ) -> requests.Response:
            answer = send(session, request, **options)  # type: ignore[arg-type]
            for name, value in answer.cookies.get_dict().items():
                if value != NO_SESSION:
                    search.add(f"cookie {name}", value)
            return answer

        monkeypatch.setattr(requests.Session, "send", recorded)

    def know(self, rmm: Rmm, monkeypatch: pytest.MonkeyPatch) -> None:
        """All that this RMM knows and gives out."""
        search = self._search
        for user in rmm.users.users:
            search.add(f"password of {user.name}", user.password.reveal())
            if user.totp_key:
                search.add(f"one-time code key of {user.name}", user.totp_key.reveal())
        for key in rmm.users.keys:
            search.add("API key", key.secret.reveal())
        new_token, mesh = rmm.users.new_token, rmm.api.mesh

        def recorded_token(user: User, *seconds: float) -> tuple[str, float]:
            token, expiry = new_token(user, *seconds)
            search.add("session token", token)
            return token, expiry

        def recorded_link(machine: Machine) -> MeshLogin | None:
            login = mesh(machine)
            assert login is not None
            search.add("login token", login.token)
            for link in session_links(machine, login, rmm.api.links).values():
                search.add("session link", link)
            return login

        monkeypatch.setattr(rmm.users, "new_token", recorded_token)
        rmm.api.mesh = recorded_link

    def know_totp(self, user: User) -> None:
        """The key that a user was given now, and the address that the QR code is made of."""
        assert user.totp_key is not None
        key = user.totp_key.reveal()
        self._search.add("one-time code key that was set up", key)
        self._search.add("address for one-time codes", f"otpauth://totp/demo:{user.name}?secret={key}&issuer=demo")

    def knows(self, name: str) -> int:
        """How many secrets of a kind there were."""
        return sum(key.startswith(name) for key in self._search.secrets)

    def open(self, hostname: str, kind: SessionKind) -> tuple[Session, WebPage]:
        """A connected session, and the secrets of its page."""
        session = self.console.open(hostname, kind)
        self.console.until(
            lambda: session.state in (State.CONNECTED, State.FAILED), lambda: f"it stays {session.state}"
        )
        if isinstance(session.problem, CertificateUntrusted):
            tab = self.console.tab(session)
            self.hands.click(self.console.wait_for_button("Trust this certificate", tab))
        self.console.connected(session)
        page = WebPage(self.console, session)
        self.learn(page)
        return session, page

    def learn(self, page: WebPage) -> None:
        """What MeshCentral's scripts hold for their web sockets and downloads."""
        held = page.value("[authCookie, authRelayCookie]")
        assert isinstance(held, list)
        for value in held:
            self._search.add("cookie in the page", str(value))

    def sign_in_to_mesh(self, page: WebPage, user: str, password: Secret) -> None:
        """In MeshCentral's own page, which gets its cookies itself."""

        def added(cookie: QNetworkCookie) -> None:
            name = bytes(cookie.name().data()).decode()
            value = bytes(cookie.value().data()).decode()
            if value != NO_SESSION:
                self._search.add(f"own cookie {name}", value)

        page.page.profile().cookieStore().cookieAdded.connect(added)
        page.click("#username")
        type_unseen_into_page(user)
        page.click("#password")
        type_unseen_into_page(password.reveal())
        self.hands.press("Return")


def test_none_is_left_after_a_full_run(
    desk: Desk,
    rmm: Rmm,
    local_mesh: LocalMesh,
    surroundings: Surroundings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    search = SecretSearch()
    watched = Watched(desk, surroundings, local_mesh)
    search.add("password of MeshCentral", local_mesh.password.reveal())
    search.add("login key of MeshCentral", local_mesh.server.login_key.reveal())
    search.add("password of the keyring", surroundings.keyring_password)
    with Processes() as processes, Rmm(local_mesh, agents=10) as other:
        desk.prefer(technician="Tess Technician")  # else it is asked for after the sign-in with an API key
        console = desk.start()
        assert logging.getLogger().isEnabledFor(logging.DEBUG)
        run = Run(console, search, monkeypatch)
        run.know(rmm, monkeypatch)
        run.know(other, monkeypatch)
        everything_once(run, rmm, other, desk)
        while_running = list(on_the_screen(console))
        found = search.look([*watched.places(), *while_running, *processes.seen()])
        assert found == []
        desk.end(console)
    said = capfd.readouterr()
    texts = [("standard output", said.out.encode()), ("standard error", said.err.encode())]
    assert search.look([*watched.places(), *processes.seen(), *texts]) == []

    log = (desk.places.logs / "console.log").read_text("utf-8")
    assert "DEBUG" in log, "there was no log at debug level to be searched"
    assert any(b"--type=renderer" in content for _, content in processes.seen()), "no page's process was looked at"
    keyrings = surroundings.home / ".local/share/keyrings"
    assert any(keyrings.iterdir()), "the keyring's own file was not there to be searched"


def everything_once(run: Run, rmm: Rmm, other: Rmm, desk: Desk) -> None:
    console, page = run.console, run.page

    # The first server: password, one-time code, both kept; then every kind of session.
    page.sign_in(rmm, keep=True, keep_password=True)
    machine = rmm.live[0].hostname
    run.open(machine, SessionKind.CONTROL)
    home(console)
    run.open(machine, SessionKind.TERMINAL)
    home(console)
    files_session, files_page = run.open(machine, SessionKind.FILES)
    download(console, files_session, files_page, rmm.mesh.home / "to be downloaded")
    assert (desk.downloads / "wanted.txt").read_text() == "wanted"

    # MeshCentral's own sign-in in the tab.
    home(console)
    rmm.api.links = Links.WITHOUT_LOGIN
    session = console.open(rmm.live[1].hostname, SessionKind.TERMINAL)
    console.until(
        lambda: session.state is State.SIGNING_IN,
        lambda: f"no sign-in, but {session.state} {session.problem and session.problem.report()}",
    )
    console.hands.click(console.wait_for_button("Sign in on MeshCentral's own page", console.tab(session)))
    console.until(lambda: session.state is State.SIGNING_IN and not session.mesh.asks, "no page to sign in")
    mesh_page = WebPage(console, session)
    run.sign_in_to_mesh(mesh_page, rmm.mesh.user, rmm.mesh.password)
    console.connected(session)
    run.learn(mesh_page)

    # A link that leads nowhere: an error is worded, shown, and its details are copied.
    home(console)
    rmm.api.links = Links.USUAL
    real = rmm.api.mesh
    rmm.api.mesh = nowhere(real)
    reachable = next(each for each in rmm.fleet.machines if may_be_opened(each))
    failing = console.open(reachable.hostname, SessionKind.TERMINAL)
    console.until(lambda: failing.state is State.FAILED, lambda: f"it did not fail, but is {failing.state}")
    console.hands.click(console.wait_for_button("Copy", console.tab(failing)))
    console.until(lambda: bool(QGuiApplication.clipboard().text()), "nothing was copied")
    rmm.api.mesh = real

    # A second server: an API key, and then a user without one-time codes.
    choose(console, "Add a server")
    page.address(other.address)
    page.to_api_key()
    page.api_key(other.users.key.secret, keep=True)
    page.until_listed()
    choose(console, "Sign out of")
    page.at(Step.CREDENTIALS)
    newcomer = other.users.newcomer
    page.to_user_name()
    page.credentials(newcomer.name, newcomer.password, keep=True)
    page.at(Step.TOTP_KEY)
    assert newcomer.totp_key is not None
    assert page.field(TOTP_KEY).text().replace(" ", "") == newcomer.totp_key.reveal()
    run.know_totp(newcomer)
    page.press_button("I have it in my app")
    page.code(other.users.code(newcomer))
    page.until_listed()
    assert run.knows("session token") >= 3  # the technician's, the one of the set-up, the newcomer's
    assert run.knows("login token") >= 3
    assert run.knows("cookie xid") >= 2  # each with its signature
    assert run.knows("own cookie xid") >= 1
    assert run.knows("cookie in the page") >= 4


def home(console: Console) -> None:
    """Clicks the tab of the agents, which comes first."""
    tabs = console.window.tabs
    console.hands.click(tabs.tabBar(), tabs.tabBar().tabRect(0).center())
    console.until(lambda: tabs.currentIndex() == 0, "the agents are not shown")


def download(console: Console, session: Session, page: WebPage, folder: Path) -> None:
    """The one file of a folder on the remote machine, which is made for it."""
    folder.mkdir()
    (folder / "wanted.txt").write_text("wanted")
    downloads: list[Download] = []
    session.download_started.connect(downloads.append)
    page.until("p13filetree !== null", "the first folder was not listed")
    page.click("#p13GoToFolderButton")
    page.click("#p13folderinput")
    console.hands.press("ctrl+a")
    console.hands.type(str(folder))
    page.click("#idx_dlgOkButton")
    page.until(f"'/' + p13filetreelocation.join('/') === {str(folder)!r}", "the folder was not shown")
    page.click("input[name=fd]")
    page.click("#p13DownloadButton")
    console.until(lambda: any(each.state is DownloadState.DONE for each in downloads), "the download did not end")


def may_be_opened(machine: Machine) -> bool:
    return not machine.live and bool(machine.node_id) and machine.status(time.time()) == "online"


def nowhere(real: Callable[[Machine], MeshLogin | None]) -> Callable[[Machine], MeshLogin | None]:
    """Links to a port where nobody listens."""

    def linked(machine: Machine) -> MeshLogin | None:
        login = real(machine)
        return MeshLogin("https://127.0.0.1:9", login.token, login.node_id) if login else None

    return linked
