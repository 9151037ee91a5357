"""The whole loop through a proxy that wants a sign-in: the list, a session with its page, our own web socket, a file.

The names end in ".test": they lead nowhere on this computer, and to it through the proxy. What works went through it.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from console.demo.api import MeshLogin
from console.demo.fleet import Machine
from console.demo.mesh_local import LocalMesh
from console.mesh.session_kind import SessionKind
from console.proxies import ProxySignIn
from console.secret import Secret
from console.servers import Server
from console.sessions.progress import State
from console.transport import host_and_port
from console.ui.proxies.sign_in_dialog import ProxySignInDialog
from tests.connect_proxy import ConnectProxy
from tests.e2e.desk import Console, Desk
from tests.e2e.hands import Hands
from tests.e2e.rmm import Rmm
from tests.e2e.signing_in import SignInDesk
from tests.e2e.tls import SelfSigned
from tests.e2e.transferring import go_to
from tests.e2e.web import WebPage

pytestmark = pytest.mark.e2e

OFFICE = ProxySignIn("office", Secret("Sesame-0pen"))


class FarRmm(Rmm):
    """An RMM and its MeshCentral under names that only the proxy can lead to."""

    own: SelfSigned

    @property
    def host(self) -> str:
        return host_and_port(super().address).replace("127.0.0.1", "api.example.test")

    @property
    def site(self) -> str:
        return self.mesh.site.replace("127.0.0.1", "mesh.example.test")

    @property
    def address(self) -> str:
        return f"https://{self.host}"

    def server(self) -> Server:
        pins = {self.host: self.own.fingerprint, host_and_port(self.site): self.mesh.fingerprint}
        return msgspec.structs.replace(super().server(), pins=pins)

    def _login(self, machine: Machine) -> MeshLogin | None:
        login = super()._login(machine)
        return MeshLogin(self.site, login.token, login.node_id) if login else None


@pytest.fixture
def far(local_mesh: LocalMesh, tmp_path: Path) -> Iterator[FarRmm]:
    own = SelfSigned(tmp_path, "api.example.test")
    rmm = FarRmm(local_mesh, context=own.context())
    rmm.own = own
    rmm.api.hosts.add("api.example.test")
    with rmm:
        yield rmm


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ConnectProxy]:
    with ConnectProxy(OFFICE) as made:
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("https_proxy", made.address)
        monkeypatch.setenv("QTWEBENGINE_CHROMIUM_FLAGS", "")  # given back afterwards
        yield made


class ProxyDialog:
    """The technician at the question for the proxy's sign-in."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def open(self) -> ProxySignInDialog | None:
        shown = (one for one in QApplication.topLevelWidgets() if isinstance(one, ProxySignInDialog))
        return next((one for one in shown if one.isVisible()), None)

    def until_it_says(self, words: str) -> ProxySignInDialog:
        self._console.until(lambda: self.open is not None and words in self.open.words.text(), f"nobody asks: {words}")
        assert self.open is not None
        return self.open

    def give(self, dialog: ProxySignInDialog, sign_in: ProxySignIn) -> None:
        for edit, text in ((dialog.user, sign_in.user), (dialog.password, sign_in.password.reveal())):
            self._console.hands.click(edit)
            self._console.hands.press("ctrl+a", "BackSpace")
            self._console.hands.type(text)
            self._console.until(lambda: edit.text() == text)  # noqa: B023
        self._console.hands.press("Return")


def log_of(desk: Desk) -> str:
    return "\n".join(file.read_text("utf-8", "replace") for file in desk.places.logs.iterdir())


def test_the_whole_loop(desk: Desk, far: FarRmm, proxy: ConnectProxy, hands: Hands) -> None:
    console = desk.start()
    page, ask = SignInDesk(console), ProxyDialog(console)
    page.address(far.address)
    dialog = ask.until_it_says(f"{proxy.proxy.name} leads to your servers")
    ask.give(dialog, ProxySignIn("office", Secret("w0rong")))
    ask.give(ask.until_it_says("did not accept"), OFFICE)
    page.press_button("Trust this certificate")
    user = far.users.technician
    page.credentials(user.name, user.password, keep=True)
    page.code(far.users.code(user))
    page.until_listed()
    assert set(proxy.led) == {far.host}

    session = console.open(far.live[0].hostname, SessionKind.TERMINAL)
    hands.click(console.wait_for_button("Trust this certificate", console.tab(session)))
    console.connected(session)
    web = WebPage(console, session)
    assert web.page.url().host() == "mesh.example.test"
    web.shell_works(far.mesh.home)
    console.until(lambda: session.mesh_account is not None, "our own web socket did not come through the proxy")
    console.window.tabs.show_home()
    files = console.open(far.live[0].hostname, SessionKind.FILES)
    console.connected(files)
    go_to(WebPage(console, files), hands, far.mesh.home)
    console.until(lambda: files.facts.folder == str(far.mesh.home))
    near = desk.folder / "through the proxy.txt"
    near.write_text("led")
    console.app.transfers.upload(files, [near])
    arrived = far.mesh.home / near.name
    console.until(lambda: arrived.exists() and arrived.read_text() == "led", "the file did not arrive")

    mesh = host_and_port(far.site)
    before = proxy.led.count(mesh)
    assert set(proxy.led) == {far.host, mesh}
    proxy.cut()
    console.until(lambda: session.state is State.LOST, "the session goes another way than through the proxy")
    console.until(lambda: session.state is State.CONNECTED, "the session did not come back through the proxy", 60)
    assert proxy.led.count(mesh) > before
    desk.end(console)
    led = len(proxy.led)

    SignInDesk(desk.start()).until_listed()
    assert ask.open is None, "what the keyring keeps is asked for again"
    assert len(proxy.led) > led
    assert OFFICE.password.reveal() not in log_of(desk)


def test_who_does_not_sign_in_can_do_it_later(
    desk: Desk, far: FarRmm, proxy: ConnectProxy, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy.address.replace("//", "//office:fr0m-the-address@"))
    console = desk.start()
    page, ask = SignInDesk(console), ProxyDialog(console)
    page.address(far.address)
    dialog = ask.until_it_says("did not accept")
    hands.click(console.wait_for_button("Not now", dialog))
    page.says(f"The proxy {proxy.proxy.name} did not accept", "Proxy sign-in…")
    hands.click(console.wait_for_button("Proxy sign-in…"))
    ask.give(ask.until_it_says("did not accept"), OFFICE)
    page.says("does not trust the certificate of", "api.example.test")
    button = console.app.proxy_desk.button
    assert button is not None
    assert not button.isVisible()
    assert "fr0m-the-address" not in log_of(desk) + page.words()
