import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from werkzeug.wrappers import Response

from console.demo.api_server import serve
from console.proxies import Proxies
from console.rmm.credentials import ApiKey
from console.secret import Secret
from console.transport import (
    AnswerTooLarge,
    CertificateUntrusted,
    PlainHttpRefused,
    TimedOut,
    Transport,
    TransportProblem,
    Unreachable,
    host_and_port,
)
from tests.connect_proxy import ConnectProxy
from tests.unit.raw_server import (
    asked,
    breaks_off_at_once,
    breaks_off_in_its_body,
    drips_its_body,
    drips_its_head,
    free_port,
    raw,
    says_nothing,
    stops_in_its_body,
    talks_nonsense,
)
from tests.unit.rmm.scripted import Scripted, answer
from tests.unit.tls import Identity, identity

TOKEN = "hunter2@$token"
KEY = ApiKey(Secret("KEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKE"))
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    """What a server on loopback presents; nobody trusts it."""
    return identity(tmp_path, "127.0.0.1")


def failure(
    url: str, transport: Transport | None = None, seconds: float = 20.0, repeat: bool = False
) -> TransportProblem:
    """The problem that a call with a login token in its URL ends in; no part of it may show the token."""
    with pytest.raises(TransportProblem) as caught:
        (transport or Transport()).send("GET", f"{url}/?login={TOKEN}", seconds=seconds, repeat=repeat)
    problem = caught.value
    shown = problem.report() + repr(problem) + str(problem)
    assert "hunter2" not in shown
    assert "login" not in shown
    assert problem.what
    assert problem.advice
    assert problem.__suppress_context__ or problem.__context__ is None
    return problem


def redirected_names(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Every name and port leads to a port on loopback, as a resolver could have it."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, wanted, *rest, **more: real("127.0.0.1", port, *rest, **more)
    )


class TestAnswers:
    @pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 429, 500, 503])
    def test_every_status_is_an_answer(self, status: int) -> None:
        with serve(Scripted({"/x/": [answer("body", status)]})) as server:
            given = Transport().send("GET", f"{server.address}/x/")
        assert given.status == status
        assert given.headers["Content-Type"] == "application/json"
        assert given.body == (b"" if status == 204 else b'"body"')
        assert given.leaf is None

    def test_no_redirect_is_followed_and_the_key_stays_here(self) -> None:
        target = Scripted({"/": [answer("stolen")]})
        with serve(target) as elsewhere:
            app = Scripted({"/": [answer("", 302, Location=f"{elsewhere.address}/")]})
            with serve(app) as server:
                given = Transport().send("GET", f"{server.address}/", auth=KEY.auth())
        assert given.status == 302
        assert app.headers[0]["X-Api-Key"] == KEY.secret.reveal()
        assert target.asked == []

    def test_json_is_sent_and_the_program_says_who_it_is(self) -> None:
        bodies: list[bytes] = []

        def note(connection: socket.socket) -> None:
            bodies.append(asked(connection))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        with raw(note) as server:
            Transport().send("POST", f"{server.address}/", json={"a": 1})
        assert b"application/json" in bodies[0]
        assert b"User-Agent: technician-console/" in bodies[0]

    def test_a_body_can_be_left_unread(self) -> None:
        with serve(Scripted({"/": [answer("x" * 100_000)]})) as server:
            assert Transport().send("GET", f"{server.address}/", keep_body=False, limit=1).body == b""

    def test_repr_shows_neither_body_nor_headers_nor_cookies(self) -> None:
        app = Scripted({"/": [answer({"token": TOKEN}, Set_Cookie=f"xid={TOKEN}", X_Key=TOKEN)]})
        with serve(app) as server:
            given = Transport().send("GET", f"{server.address}/")
        assert TOKEN.encode() in given.body
        assert TOKEN not in repr(given)

    def test_eight_threads_share_a_transport(self) -> None:
        transport = Transport()
        app = Scripted({f"/{number}": [answer(number)] for number in range(200)})
        with serve(app) as server, ThreadPoolExecutor(8) as pool:
            given = list(pool.map(lambda n: transport.send("GET", f"{server.address}/{n}").body, range(200)))
        assert given == [str(number).encode() for number in range(200)]


class TestCookies:
    def test_they_are_reported_and_not_kept(self) -> None:
        app = Scripted({"/": [answer("", Set_Cookie="xid=abc; Path=/; HttpOnly; Secure"), answer("")]})
        transport = Transport()
        with serve(app) as server:
            first = transport.send("GET", f"{server.address}/")
            second = transport.send("GET", f"{server.address}/")
        assert first.cookies == {"xid": "abc"}
        assert second.cookies == {}
        assert not any("Cookie" in headers for headers in app.headers)
        assert len(app.headers) == 2


class TestEnvironment:
    def test_netrc_is_ignored(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        netrc = tmp_path / ".netrc"
        netrc.write_text("machine 127.0.0.1 login mallory password netrc\ndefault login mallory password netrc\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(netrc))
        app = Scripted({"/": [answer("")]})
        with serve(app) as server:
            Transport().send("GET", f"{server.address}/")
            Transport().send("GET", f"{server.address}/", auth=KEY.auth())
        assert not any("Authorization" in headers for headers in app.headers)
        assert app.headers[1]["X-Api-Key"] == KEY.secret.reveal()

    @pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
    def test_variables_cannot_add_a_trusted_certificate(
        self, own: Identity, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, str(own.pem))
        with serve(Scripted({"/": [answer("")]}), own.context) as server:
            assert isinstance(failure(server.address), CertificateUntrusted)

    def test_the_trust_store_of_the_system_decides(self, own: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(own.pem))  # where OpenSSL, and so the system's store on Linux, looks
        with serve(Scripted({"/": [answer("fine")]}), own.context) as server:
            given = Transport().send("GET", f"{server.address}/")
        assert given.status == 200
        assert given.leaf == own.fingerprint

    def test_a_proxy_is_not_used_for_this_computer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with raw(says_nothing) as proxy, serve(Scripted({"/": [answer("direct")]})) as server:
            monkeypatch.setenv("HTTP_PROXY", proxy.address)
            assert Transport().send("GET", f"{server.address}/", auth=KEY.auth()).body == b'"direct"'
            assert proxy.taken == 0

    def test_a_proxy_is_used_for_other_computers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        heads: list[bytes] = []

        def refuse(connection: socket.socket) -> None:
            heads.append(asked(connection))
            connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

        with raw(refuse) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.address)
            assert isinstance(failure("https://mesh.example.com"), Unreachable)
        assert heads[0].startswith(b"CONNECT mesh.example.com:443")
        assert b"hunter2" not in b"".join(heads)


class TestEncryption:
    @pytest.mark.parametrize("host", ["api.example.com", "192.0.2.1", "127.0.0.1.example.com", "localhost.example.com"])
    def test_plain_http_is_refused(self, host: str) -> None:
        assert isinstance(failure(f"http://{host}"), PlainHttpRefused)

    def test_an_unknown_certificate_is_refused_and_shown(self, own: Identity) -> None:
        app = Scripted({"/": [answer("")]})
        with serve(app, own.context) as server:
            problem = failure(server.address)
        assert isinstance(problem, CertificateUntrusted)
        assert problem.certificate is not None
        assert problem.certificate.fingerprint == own.fingerprint
        assert problem.pinned is None
        assert problem.host == host_and_port(server.address)
        assert app.asked == []

    def test_a_pinned_certificate_is_taken_and_its_leaf_reported(self, own: Identity) -> None:
        with serve(Scripted({"/": [answer("fine")], "/empty": [answer("", 204)]}), own.context) as server:
            transport = Transport({f"127.0.0.1:{server.port}": own.fingerprint})
            assert transport.send("GET", f"{server.address}/").leaf == own.fingerprint
            assert transport.send("GET", f"{server.address}/empty").leaf == own.fingerprint
            assert transport.send("GET", f"{server.address}/", keep_body=False).leaf == own.fingerprint

    def test_a_pinned_certificate_needs_no_matching_name(self, tmp_path: Path) -> None:
        other = identity(tmp_path, "mesh.internal")
        with serve(Scripted({"/": [answer("")]}), other.context) as server:
            assert Transport({f"127.0.0.1:{server.port}": other.fingerprint}).send("GET", f"{server.address}/").leaf

    def test_another_certificate_than_the_pinned_one_is_refused(self, own: Identity, tmp_path: Path) -> None:
        app = Scripted({"/": [answer("")]})
        with serve(app, own.context) as server:
            pin = identity(tmp_path, "127.0.0.1").fingerprint
            problem = failure(server.address, Transport({f"127.0.0.1:{server.port}": pin}))
        assert isinstance(problem, CertificateUntrusted)
        assert problem.pinned == pin
        assert problem.certificate is not None
        assert problem.certificate.fingerprint == own.fingerprint
        assert app.asked == []

    def test_a_trusted_certificate_is_refused_where_another_one_is_pinned(
        self, own: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(own.pem))
        with serve(Scripted({"/": [answer("")]}), own.context) as server:
            pins = {f"127.0.0.1:{server.port}": identity(tmp_path, "127.0.0.1").fingerprint}
            assert isinstance(failure(server.address, Transport(pins)), CertificateUntrusted)

    def test_a_refused_certificate_is_not_looked_at_again_by_itself(self, own: Identity, tmp_path: Path) -> None:
        app = Scripted({"/": [answer("")]})
        pin = identity(tmp_path, "127.0.0.1").fingerprint
        with ConnectProxy() as proxy, serve(app, own.context) as server:
            host = f"api.example.test:{server.port}"
            for pins in ({}, {host: pin}):
                proxy.led.clear()
                proxies = Proxies(environ={"HTTPS_PROXY": proxy.address})
                assert isinstance(
                    failure(f"https://{host}", Transport(pins, proxies), repeat=True), CertificateUntrusted
                )
                assert len(proxy.led) == 2, "once to send, once to look"

    def test_a_pin_is_for_its_own_port_only(self, own: Identity) -> None:
        with serve(Scripted({"/": [answer("")]}), own.context) as server:
            pins = {f"127.0.0.1:{server.port + 1}": own.fingerprint, "127.0.0.1:443": own.fingerprint}
            assert isinstance(failure(server.address, Transport(pins)), CertificateUntrusted)

    @pytest.mark.parametrize("written", ["mesh.example.com", "mesh.example.com:443", "MESH.example.com"])
    def test_a_pin_on_the_usual_port_holds_however_the_address_is_written(
        self, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pinned, other = identity(tmp_path, "mesh.example.com"), identity(tmp_path, "mesh.example.com")
        pins = {"mesh.example.com:443": pinned.fingerprint}
        with serve(Scripted({"/": [answer("fine")]}), pinned.context) as server, monkeypatch.context() as patch:
            redirected_names(patch, server.port)
            assert Transport(pins).send("GET", f"https://{written}/").leaf == pinned.fingerprint
        with serve(Scripted({"/": [answer("false")]}), other.context) as server:
            redirected_names(monkeypatch, server.port)
            assert isinstance(failure(f"https://{written}", Transport(pins)), CertificateUntrusted)

    def test_a_certificate_for_another_name_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        other = identity(tmp_path, "other.example.com")
        monkeypatch.setenv("SSL_CERT_FILE", str(other.pem))
        with serve(Scripted({"/": [answer("")]}), other.context) as server:
            problem = failure(server.address)
        assert isinstance(problem, CertificateUntrusted)
        assert problem.certificate is not None
        assert problem.certificate.names == ("other.example.com",)

    @pytest.mark.parametrize("talk", [talks_nonsense, breaks_off_at_once])
    def test_what_speaks_no_tls_is_not_called_untrusted(self, talk: Callable[[socket.socket], None]) -> None:
        def after_hello(connection: socket.socket) -> None:
            connection.recv(4096)
            if talk is talks_nonsense:
                connection.sendall(b"220 mail.example.com ESMTP\r\n")
            connection.close()

        with raw(after_hello) as server:
            problem = failure(f"https://127.0.0.1:{server.port}")
        assert isinstance(problem, Unreachable)
        assert str(server.port) in problem.what


class TestFailures:
    def test_nothing_listens(self) -> None:
        problem = failure(f"http://127.0.0.1:{free_port()}")
        assert isinstance(problem, Unreachable)
        assert "does not take connections" in problem.what

    def test_an_unknown_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        problem = failure("https://nowhere.example.com")
        assert isinstance(problem, Unreachable)
        assert "nowhere.example.com" in problem.what

    @pytest.mark.parametrize("talk", [says_nothing, stops_in_its_body, drips_its_head, drips_its_body])
    def test_a_late_server(self, talk: Callable[[socket.socket], None]) -> None:
        with raw(talk) as server:
            assert isinstance(failure(server.address, seconds=1), TimedOut)

    def test_a_late_server_is_not_asked_again(self) -> None:
        with raw(says_nothing) as server:
            assert isinstance(failure(server.address, seconds=0.5, repeat=True), TimedOut)
            assert server.taken == 1

    @pytest.mark.parametrize("talk", [breaks_off_in_its_body, breaks_off_at_once, talks_nonsense])
    def test_a_broken_connection(self, talk: Callable[[socket.socket], None]) -> None:
        with raw(talk) as server:
            problem = failure(server.address)
        assert isinstance(problem, Unreachable)
        assert "broke off" in problem.what

    def test_a_handshake_that_never_ends(self) -> None:
        with raw(says_nothing) as server:
            assert isinstance(failure(f"https://127.0.0.1:{server.port}", seconds=1), TimedOut)

    def test_an_answer_of_any_size_is_cut_off(self) -> None:
        def endless(connection: socket.socket) -> None:
            asked(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"a" * 65536)

        with raw(endless) as server:
            problem = failure(server.address)
        assert isinstance(problem, AnswerTooLarge)

    def test_an_answer_of_just_the_limit_is_taken(self) -> None:
        with serve(Scripted({"/": [Response(b"a" * 1000)]})) as server:
            transport = Transport()
            assert len(transport.send("GET", f"{server.address}/", limit=1000).body) == 1000
            with pytest.raises(AnswerTooLarge):
                transport.send("GET", f"{server.address}/", limit=999)

    @pytest.mark.parametrize(
        "url", ["https://exa mple.com", "https://" + "a" * 70 + ".com", "https://é\udc80.com", "https://"]
    )
    def test_an_impossible_address(self, url: str) -> None:
        assert isinstance(failure(url), Unreachable)

    def test_a_failed_call_spoils_no_later_one(self) -> None:
        transport = Transport()
        with raw(drips_its_body) as server:
            failure(server.address, transport, seconds=0.3)
        with serve(Scripted({"/": [answer("fine")]})) as server_again:
            assert transport.send("GET", f"{server_again.address}/").body == b'"fine"'


class TestRepeating:
    @pytest.mark.parametrize("status", [502, 503, 504])
    def test_a_get_that_may_be_repeated_is(self, status: int) -> None:
        app = Scripted({"/": [answer("", status), answer("", status), answer("fine")]})
        with serve(app) as server:
            assert Transport().send("GET", f"{server.address}/", repeat=True).status == 200
        assert len(app.asked) == 3

    def test_the_last_refusal_is_the_answer(self) -> None:
        app = Scripted({"/": [answer("busy", 503)]})
        with serve(app) as server:
            assert Transport().send("GET", f"{server.address}/", repeat=True).body == b'"busy"'
        assert len(app.asked) == 3

    @pytest.mark.parametrize("status", [429, 500, 401])
    def test_other_refusals_are_not_repeated(self, status: int) -> None:
        app = Scripted({"/": [answer("", status, Retry_After="3600")]})
        with serve(app) as server:
            assert Transport().send("GET", f"{server.address}/", repeat=True).status == status
        assert len(app.asked) == 1

    def test_a_get_with_a_side_effect_is_asked_once(self) -> None:
        app = Scripted({"/": [answer("", 503)]})
        with serve(app) as server:
            assert Transport().send("GET", f"{server.address}/").status == 503
        assert len(app.asked) == 1
        with raw(breaks_off_at_once) as broken:
            failure(broken.address)
            assert broken.taken == 1

    def test_a_post_is_sent_once_even_where_repeating_is_allowed(self) -> None:
        app = Scripted({"/": [answer("", 503)]})
        with serve(app) as server:
            assert Transport().send("POST", f"{server.address}/", json={}, repeat=True).status == 503
        assert len(app.asked) == 1
        with raw(breaks_off_at_once) as broken:
            with pytest.raises(Unreachable):
                Transport().send("POST", f"{broken.address}/", json={}, repeat=True)
            assert broken.taken == 1

    def test_a_broken_get_that_may_be_repeated_is(self) -> None:
        with raw(breaks_off_at_once) as broken:
            failure(broken.address, repeat=True)
            assert broken.taken == 3


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://api.example.com/x?y", "api.example.com:443"),
        ("https://API.example.com:8443", "api.example.com:8443"),
        ("http://localhost", "localhost:80"),
        ("https://[2001:db8::1]/", "[2001:db8::1]:443"),
        ("https://[::1]:444/", "[::1]:444"),
    ],
)
def test_the_host_is_named_with_its_port(url: str, named: str) -> None:
    assert host_and_port(url) == named


def test_the_context_that_takes_pins_is_used_for_nothing_else(own: Identity) -> None:
    """A host without a pin is verified although another one has a pin."""
    with serve(Scripted({"/": [answer("")]}), own.context) as server:
        problem = failure(server.address, Transport({"mesh.example.com:443": own.fingerprint}))
    assert isinstance(problem, CertificateUntrusted)


@pytest.mark.parametrize("path", ["", "/", "/control.ashx"])
def test_a_bare_connection_goes_by_the_pin_too(own: Identity, path: str) -> None:
    with serve(Scripted({}), own.context) as server:
        made = Transport({f"127.0.0.1:{server.port}": own.fingerprint}).connect(server.address + path)
        made.close()
        with pytest.raises(CertificateUntrusted):
            Transport().connect(server.address + path)


class TestAnotherCertificate:
    """What a transport that somebody watches does once a certificate is another one."""

    @pytest.fixture
    def told(self) -> list[CertificateUntrusted]:
        return []

    def test_stops_everything_to_every_host(
        self, own: Identity, tmp_path: Path, told: list[CertificateUntrusted]
    ) -> None:
        context, after = identity(tmp_path, "127.0.0.1"), identity(tmp_path, "127.0.0.1")
        app, elsewhere = Scripted({"/": [answer("")]}), Scripted({"/": [answer("")]})
        with serve(app, context.context) as server, serve(elsewhere, own.context) as other:
            host, second = f"127.0.0.1:{server.port}", f"127.0.0.1:{other.port}"
            pins = {host: context.fingerprint, second: own.fingerprint}
            transport = Transport(pins, tell=told.append)
            transport.send("GET", f"https://{host}/")
            transport.send("GET", f"https://{second}/")
            context.context.load_cert_chain(after.pem)
            server.cut()
            problem = failure(f"https://{host}", transport)
            for url in (f"https://{host}", f"https://{second}"):
                assert failure(url, transport) is problem
                with pytest.raises(CertificateUntrusted):
                    transport.connect(url)
        assert told == [problem]
        assert (len(app.asked), len(elsewhere.asked)) == (1, 1)
        assert isinstance(problem, CertificateUntrusted)
        assert problem.changed
        assert problem.certificate is not None
        assert problem.before is not None
        assert (problem.before.fingerprint, problem.certificate.fingerprint) == (context.fingerprint, after.fingerprint)

    def test_the_one_before_is_known_as_far_as_it_was_kept(
        self, own: Identity, tmp_path: Path, told: list[CertificateUntrusted]
    ) -> None:
        before = identity(tmp_path, "before.example.com")
        with serve(Scripted({"/": [answer("")]}), own.context) as server:
            host = f"127.0.0.1:{server.port}"
            pins = {host: before.fingerprint}
            for known, names in (
                ({host: before.der}, ("before.example.com",)),
                ({host: own.der}, None),  # not the one that was pinned
                ({host: b"nonsense"}, None),
                ({}, None),
            ):
                problem = failure(f"https://{host}", Transport(pins, known=known, tell=told.append))
                assert isinstance(problem, CertificateUntrusted)
                assert problem.changed
                assert (problem.before.names if problem.before else None) == names
        assert len(told) == 4

    def test_one_that_the_system_trusted_before(
        self, own: Identity, monkeypatch: pytest.MonkeyPatch, told: list[CertificateUntrusted]
    ) -> None:
        transport = Transport(tell=told.append)
        with serve(Scripted({"/": [answer("")]}), own.context) as server:
            with monkeypatch.context() as patch:
                patch.setenv("SSL_CERT_FILE", str(own.pem))
                transport.send("GET", f"{server.address}/")
            server.cut()
            transport._http()._local.once.close()  # the next connection verifies by a store that is another now
            del transport._http()._local.once
            problem = failure(server.address, transport)
        assert told == [problem]
        assert "any more" in problem.what

    def test_one_that_was_never_trusted_stops_nothing_but_at_home(
        self, own: Identity, told: list[CertificateUntrusted]
    ) -> None:
        with serve(Scripted({"/": [answer("")]}), own.context) as server, serve(Scripted({"/": [answer("")]})) as plain:
            transport = Transport(tell=told.append)
            failure(server.address, transport)
            assert told == []
            assert transport.send("GET", f"{plain.address}/").status == 200
            at_home = Transport(home=f"127.0.0.1:{server.port}", tell=told.append)
            problem = failure(server.address, at_home)
            assert told == [problem]
            assert failure(plain.address, at_home) is problem
