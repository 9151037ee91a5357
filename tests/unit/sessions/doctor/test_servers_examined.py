"""The RMM and MeshCentral, each failing in its own way over real connections: which line says it, and what it says."""

import hashlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from time import time

import msgspec
import pytest
from werkzeug.wrappers import Response

from console.demo.api_server import serve
from console.sessions.doctor import report
from console.sessions.doctor.verdict import Verdict
from tests.faults.list_server import JSON, sends
from tests.unit.raw_server import asked, free_port, raw
from tests.unit.rmm.scripted import Scripted, answer
from tests.unit.sessions.doctor.stand_in import COOKIE, KEY, TOKEN, Examined, StandIn, links, running
from tests.unit.tls import Identity, identity

AGENT = "A" * 40
LINK = f"/agents/{AGENT}/meshcentral/"
READING = ["notes", "history", "checks", "tasks", "pendingactions"]


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path, "127.0.0.1")


def rmm(site: str, **changed: Response) -> Scripted:
    """An RMM where all is well. `changed` are other answers, by the last part of their path."""
    good = {
        "/": answer({"status": "ok"}),
        "/core/dashinfo/": answer({"trmm_version": "1.5.1"}),
        "/agents/": answer([{"agent_id": AGENT, "hostname": "HOST"}, {"agent_id": 5}, "x"]),
        "/clients/": answer([]),
        f"/software/{AGENT}/": answer([]),
        LINK: answer(links(site)),
        **{f"/agents/{AGENT}/{part}/": answer([]) for part in READING},
    }
    for path in good:
        for name, other in changed.items():
            if path.strip("/").rpartition("/")[2] == name.removeprefix("_"):
                good[path] = other
    return Scripted({path: [given] for path, given in good.items()})


@contextmanager
def both(own: Identity, mesh: StandIn, **changed: Response) -> Iterator[tuple[str, dict[str, str], Scripted]]:
    """The RMM's address, the pins, and the RMM's application."""
    with running(mesh, own):
        app = rmm(mesh.site, **changed)
        with serve(app) as api:
            yield api.address, {f"127.0.0.1:{mesh.port}": own.fingerprint}, app


@contextmanager
def examined(tmp_path: Path, own: Identity, mesh: StandIn | None = None, **changed: Response) -> Iterator[Examined]:
    with both(own, mesh or StandIn(), **changed) as (address, pins, _):
        yield Examined(tmp_path, address, pins)


class TestAllIsWell:
    def test_every_line(self, tmp_path: Path, own: Identity) -> None:
        certificate = hashlib.sha384(own.der).hexdigest()
        with examined(tmp_path, own, StandIn(administrator=False, certificate=certificate)) as found:
            assert found.failures == set()
            # the test's certificate ends tomorrow, and versions are for administrators
            assert found.warnings == {"mesh.certificate"}
            assert found.of(Verdict.SKIPPED) == {"mesh.version", "option.desktopMultiplex"}
            assert "tess: own account. The remote user sees “Tess T”" in found.said("mesh.account")
            assert "198.51.100.7" in found.said("option.cookieIpCheck")
            assert len(found.told) == len(found.lines)

    def test_nothing_secret_is_in_the_report(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(administrator=True)) as found:
            for text in (report.text(found.lines, "Acme"), report.json(found.lines), repr(found.told)):
                for planted in (KEY, TOKEN, COOKIE, "PLANTED", "planted", "login="):
                    assert planted not in text

    def test_what_a_server_repeats_is_hidden(self, tmp_path: Path, own: Identity) -> None:
        refused = answer({"detail": f"no, {KEY}"}, 403)
        with examined(tmp_path, own, meshcentral=refused) as found:
            assert KEY not in report.text(found.lines)

    def test_a_link_is_asked_for_once_and_only_where_it_may_be(self, tmp_path: Path, own: Identity) -> None:
        with both(own, StandIn()) as (address, pins, app):
            found = Examined(tmp_path, address, pins, hostname="")
            assert ("GET", LINK) not in app.asked
            assert "audit log" in found.said("rmm.link")
            assert found.line("mesh.reach").verdict is Verdict.FINE
            assert {"mesh.login", "mesh.account"} <= found.of(Verdict.SKIPPED)
            Examined(tmp_path, address, pins)
            assert app.asked.count(("GET", LINK)) == 1

    def test_the_version_for_administrators(self, tmp_path: Path, own: Identity) -> None:
        for version, verdict, words in (
            ("1.2.0", Verdict.FINE, "as it should be"),
            ("1.1.55", Verdict.WARNING, "Update it"),
            ("1.3.0", Verdict.WARNING, "newer"),
        ):
            with examined(tmp_path, own, StandIn(administrator=True, version=version)) as found:
                assert found.line("mesh.version").verdict is verdict
                assert words in found.said("mesh.version")
                assert "Any technician can reach every machine" in found.said("mesh.account")


class TestTheRmm:
    def test_it_is_down(self, tmp_path: Path) -> None:
        found = Examined(tmp_path, f"https://127.0.0.1:{free_port()}", {})
        assert found.failures == {"rmm.reach"}
        assert found.line("rmm.sign-in").verdict is Verdict.SKIPPED

    def test_its_certificate_is_another(self, tmp_path: Path, own: Identity) -> None:
        with serve(rmm(""), own.context) as api:
            found = Examined(tmp_path, api.address, {f"127.0.0.1:{api.port}": "00" * 32})
        assert found.failures == {"rmm.certificate"}
        assert "Trusted before: 00:00" in found.said("rmm.certificate")

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (answer(b"<html>MeshCentral</html>"), "is MeshCentral, not the API"),
            (answer(b"<html>502</html>", 502), "the RMM behind it does not answer"),
            (answer(b"<html>Sign in</html>", 302, Location="https://login.example.test/"), "address of a web page"),
            (answer({"hello": 1}), "is not Tactical RMM"),
        ],
    )
    def test_something_else_answers(self, tmp_path: Path, own: Identity, given: Response, words: str) -> None:
        with serve(Scripted({"/": [given]})) as api:
            found = Examined(tmp_path, api.address, {})
        assert found.failures == {"rmm.answers"}
        assert words in found.said("rmm.answers")

    def test_the_clocks(self, tmp_path: Path, own: Identity) -> None:
        date = formatdate(time() - 3600, usegmt=True)

        def late(connection: socket.socket) -> None:
            while True:
                asked(connection)
                sends(b'{"status": "ok"}', "200 OK", JSON, f"Date: {date}")(connection)

        with running(StandIn(), own) as mesh, raw(late) as api:
            found = Examined(tmp_path, api.address, {f"127.0.0.1:{mesh.port}": own.fingerprint})
        assert {"rmm.clock", "mesh.clock"} <= found.failures
        assert "60 minutes ahead of that of the RMM" in found.said("rmm.clock")
        assert "differ by 60 minutes" in found.said("mesh.clock")

    @pytest.mark.parametrize(
        ("text", "words"),
        [("Invalid token.", "does not know this API key"), ("The token has expired.", "has expired")],
    )
    def test_it_does_not_take_the_sign_in(self, tmp_path: Path, own: Identity, text: str, words: str) -> None:
        with examined(tmp_path, own, dashinfo=answer({"detail": text}, 401)) as found:
            assert found.failures == {"rmm.sign-in"}
            assert words in found.said("rmm.sign-in")

    def test_nobody_is_signed_in(self, tmp_path: Path, own: Identity) -> None:
        with both(own, StandIn()) as (address, pins, _):
            found = Examined(tmp_path, address, pins, hostname="", credential=None)
        assert found.failures == set()
        assert found.line("rmm.sign-in").verdict is Verdict.SKIPPED
        assert found.line("mesh.sockets").verdict is Verdict.FINE

    def test_the_role_lists_no_agents(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, agents=answer({"detail": "no"}, 403)) as found:
            assert "rmm.role" in found.failures
            assert "can_list_agents" in found.said("rmm.role")

    def test_the_role_lacks_something(self, tmp_path: Path, own: Identity) -> None:
        forbidden = answer({"detail": "no"}, 403)
        with examined(tmp_path, own, notes=forbidden, clients=forbidden) as found:
            assert "rmm.role" in found.warnings
            assert "can_list_clients, can_list_notes" in found.said("rmm.role")

    def test_the_role_sees_no_agent(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, agents=answer([])) as found:
            assert "rmm.role" in found.warnings
            assert found.line("rmm.link").verdict is Verdict.SKIPPED

    def test_the_agent_that_was_named_is_not_there(self, tmp_path: Path, own: Identity) -> None:
        with both(own, StandIn()) as (address, pins, _):
            found = Examined(tmp_path, address, pins, hostname="OTHER")
        assert found.failures == {"rmm.link"}
        assert "There is no agent OTHER" in found.said("rmm.link")

    def test_the_role_may_not_open_sessions(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, meshcentral=answer({"detail": "no"}, 403)) as found:
            assert found.failures == {"rmm.link"}
            assert "can_use_mesh" in found.said("rmm.link")

    @pytest.mark.parametrize(
        ("site", "node", "token", "words"),
        [
            ("None", "ab" * 48, TOKEN, "not connected to its MeshCentral"),
            ("https://mesh.example.test", "ab" * 48, "err", "not connected to its MeshCentral"),
            ("https://mesh.example.test", "None", TOKEN, "has no Mesh agent"),
        ],
    )
    def test_its_link_cannot_work(
        self, tmp_path: Path, own: Identity, site: str, node: str, token: str, words: str
    ) -> None:
        with examined(tmp_path, own, meshcentral=answer(links(site, node, token))) as found:
            assert found.failures == {"rmm.link"}
            assert words in found.said("rmm.link")


class TestMeshCentral:
    def test_it_is_down(self, tmp_path: Path, own: Identity) -> None:
        with serve(rmm(f"https://127.0.0.1:{free_port()}")) as api:
            found = Examined(tmp_path, api.address, {})
        assert found.failures == {"mesh.reach"}
        assert "straight from this computer, past the RMM" in found.said("mesh.reach")

    def test_a_guess_that_leads_nowhere_is_no_failure(self, tmp_path: Path, own: Identity) -> None:
        found = Examined(tmp_path, "https://api.nowhere.invalid", {})
        assert "https://mesh.nowhere.invalid" in found.said("mesh.address")
        assert found.failures == {"rmm.reach"}

    def test_its_certificate_is_another(self, tmp_path: Path, own: Identity) -> None:
        with both(own, StandIn()) as (address, pins, _):
            found = Examined(tmp_path, address, dict.fromkeys(pins, "00" * 32))
        assert found.failures == {"mesh.certificate"}

    @pytest.mark.parametrize(
        ("mesh", "words"),
        [
            (StandIn(status=401, body=b"Unauthorized"), "userAllowedIP"),
            (StandIn(status=302, body=b"", headers={"Location": "https://go.example.test/?x=1"}), "go.example.test"),
            (StandIn(status=502, body=b"Bad Gateway"), "(502)"),
        ],
    )
    def test_it_does_not_let_in(self, tmp_path: Path, own: Identity, mesh: StandIn, words: str) -> None:
        with examined(tmp_path, own, mesh) as found:
            assert words in found.said("mesh.answers")
            refused = mesh.status in (401, 302)
            assert found.failures == {"mesh.answers"} | ({"option.userAllowedIP"} if refused else set())

    @pytest.mark.parametrize(
        "mesh",
        [
            StandIn(status=502, body=b"Bad Gateway"),
            StandIn(status=403, body=b"MeshCentral may not be used from here"),
            StandIn(body=b"Welcome to the hotel", sets_cookie=False),
        ],
    )
    def test_what_stands_in_front_of_it_says_nothing_about_its_options(
        self, tmp_path: Path, own: Identity, mesh: StandIn
    ) -> None:
        with examined(tmp_path, own, mesh) as found:
            assert found.failures == {"mesh.answers"}
            assert not {key for key in found.of(Verdict.FINE, Verdict.WARNING) if key.startswith("option.")}

    def test_web_sockets_do_not_come_through(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(takes_sockets=False)) as found:
            assert found.failures == {"mesh.sockets"}
            assert "Upgrade and Connection" in found.said("mesh.sockets")

    def test_nothing_is_said_on_a_web_socket(
        self, tmp_path: Path, own: Identity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("console.mesh.outside._SECONDS", 2.0)
        with examined(tmp_path, own, StandIn(silent=True)) as found:
            assert found.failures == {"mesh.sockets"}

    def test_this_address_is_banned(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(close="banned")) as found:
            assert found.failures == {"mesh.sockets", "option.maxInvalidLogin, maxInvalid2fa"}
            assert "badlogins reset" in found.said("mesh.sockets")

    def test_it_refuses_the_login_token(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(takes_token=False)) as found:
            assert found.failures == {"mesh.login"}
            assert "login token key" in found.said("mesh.login")
            assert "allowLoginToken" in found.said("mesh.login")
            assert "clocks" not in found.said("mesh.login")

    def test_it_refuses_the_login_token_because_of_its_clock(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(takes_token=False, ahead=4000)) as found:
            assert {"mesh.login", "mesh.clock"} <= found.failures
            assert "differ by 67 minutes: that is the likely cause" in found.said("mesh.login")

    def test_it_knows_no_such_user(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(takes_cookie=False)) as found:
            assert found.failures == {"mesh.account"}
            assert "knows no such user" in found.said("mesh.account")

    def test_the_address_changes(self, tmp_path: Path, own: Identity) -> None:
        mesh = StandIn(takes_cookie=False, seen=["198.51.100.7", "203.0.113.9"])
        with examined(tmp_path, own, mesh) as found:
            assert found.failures == {"mesh.account", "option.cookieIpCheck"}
            assert "198.51.100.7, 203.0.113.9" in found.said("option.cookieIpCheck")

    def test_the_agent_is_not_connected(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(connected=0)) as found:
            assert found.failures == {"mesh.agents"}
            assert "agentAllowedIP" in found.said("mesh.agents")
            assert "option.agentAllowedIP" in found.warnings

    def test_the_agent_is_not_there(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(connected=None)) as found:
            assert found.failures == {"mesh.agents"}
            assert "does not show HOST to this account" in found.said("mesh.agents")

    def test_an_agent_that_is_offline_in_the_rmm_too_is_no_failure(self, tmp_path: Path, own: Identity) -> None:
        mesh = StandIn(connected=0)
        with running(mesh, own):
            offline = {**links(mesh.site), "status": "offline"}
            with serve(rmm(mesh.site, meshcentral=answer(offline))) as api:
                found = Examined(tmp_path, api.address, {f"127.0.0.1:{mesh.port}": own.fingerprint})
        assert found.failures == set()

    def test_no_agent_at_all_is_connected(self, tmp_path: Path, own: Identity) -> None:
        with both(own, StandIn(connected=0), meshcentral=answer({"detail": "no"}, 403)) as (address, pins, _):
            found = Examined(tmp_path, address, pins, online=12)
            assert found.line("mesh.agents").verdict is Verdict.SKIPPED  # there is no login
        mesh = StandIn(connected=0)
        with running(mesh, own):
            gone = {**links(mesh.site), "status": "offline"}
            with serve(rmm(mesh.site, meshcentral=answer(gone))) as api:
                found = Examined(tmp_path, api.address, {f"127.0.0.1:{mesh.port}": own.fingerprint}, online=12)
        assert found.failures == {"mesh.agents"}
        assert "The RMM calls 12 online" in found.said("mesh.agents")


class TestOptions:
    def test_those_that_are_off(self, tmp_path: Path, own: Identity) -> None:
        mesh = StandIn(features=0, login_tokens=False, headers={"X-Frame-Options": "sameorigin"})
        with examined(tmp_path, own, mesh) as found:
            assert found.failures == set()
            assert {"option.allowLoginToken", "option.allowFraming", "option.allowHighQualityDesktop"} <= found.warnings

    def test_another_certificate_is_expected(self, tmp_path: Path, own: Identity) -> None:
        with examined(tmp_path, own, StandIn(certificate="ab" * 48)) as found:
            assert "option.tlsOffload" in found.warnings
            assert "certUrl" in found.said("option.tlsOffload")

    def test_plain_http_where_tls_should_be(self, tmp_path: Path) -> None:
        with serve(Scripted({})) as plain, serve(rmm(plain.address.replace("http:", "https:"))) as api:
            found = Examined(tmp_path, api.address, {})
        assert found.failures == {"mesh.reach", "option.tlsOffload"}
        assert "tlsOffload is on and no proxy" in found.said("mesh.reach")

    def test_the_proxy_in_front_is_not_named(self, tmp_path: Path, own: Identity) -> None:
        from console.sessions.doctor import options

        with examined(tmp_path, own, StandIn(seen=["127.0.0.1"])) as found:
            assert found.line("option.tlsOffload").verdict is Verdict.FINE  # here both are on this computer
            assert found.case.site is not None
            found.case.site = msgspec.structs.replace(found.case.site, origin="https://mesh.example.test")
            outcome = options.tls_offload(found.case)
        assert outcome.verdict is Verdict.WARNING
        assert "trustedProxy has to name the proxy" in outcome.advice
