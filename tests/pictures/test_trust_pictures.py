"""The pages about trust: a certificate that changed, and a proxy that wants a sign-in."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.demo.mesh_local import LocalMesh
from console.preferences import Theme
from console.proxies import Proxy, ProxySignIn
from console.secret import Secret
from console.transport import host_and_port
from console.ui.proxies.sign_in_dialog import ProxySignInDialog
from tests.e2e.desk import Desk
from tests.e2e.rmm import Rmm
from tests.e2e.stopped import Stopped
from tests.e2e.tls import SelfSigned
from tests.pictures.camera import Camera


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_trust(desk: Desk, local_mesh: LocalMesh, tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    camera = Camera(theme, qtbot)
    desk.prefer(theme=theme)
    folders = [tmp_path / "before", tmp_path / "after"]
    for folder in folders:
        folder.mkdir()
    before, after = (SelfSigned(folder, "api.example.com") for folder in folders)
    with Rmm(local_mesh, context=before.context()) as rmm:
        console = desk.signed_in(rmm, rmm.server().trusting(before.certificate, host_and_port(rmm.address)))
        rmm.renew(after)
        console.agents.watch.refresh()
        Stopped(console).until_shown()
        camera.take("certificate-changed", console.window)
        refused = ProxySignIn("tess", Secret("x"))
        for name, given in (("proxy-sign-in", None), ("proxy-refused", refused)):
            dialog = ProxySignInDialog(Proxy("proxy.example.com", 3128), given, console.app.appearance, console.window)
            dialog.open()
            camera.take_display(name, console.window)
            dialog.close()
