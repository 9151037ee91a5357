from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from console import desktop_proxies
from console.demo.api_server import serve
from console.mesh.web_socket import connected
from console.proxies import Proxies, Proxy, ProxySettings, ProxySignIn, ProxyUnusable, of_address, of_environment
from console.secret import Secret
from console.transport import CertificateUntrusted, ProxyRefused, ProxySignInWanted, Transport, TransportProblem
from tests.connect_proxy import ConnectProxy
from tests.unit.raw_server import free_port
from tests.unit.rmm.scripted import Scripted, answer
from tests.unit.tls import identity

TESS = ProxySignIn("tess", Secret("pa:ss wörd"))
WRONG = ProxySignIn("tess", Secret("wr0ng-passphrase"))


class TestSettings:
    @pytest.mark.parametrize(
        ("written", "proxy"),
        [
            ("http://proxy.corp:3128", Proxy("proxy.corp", 3128)),
            ("proxy.corp:3128", Proxy("proxy.corp", 3128)),
            ("http://proxy.corp/", Proxy("proxy.corp", 80)),
            ("https://proxy.corp", Proxy("proxy.corp", 443, tls=True)),
            ("http://[2001:db8::1]:8080", Proxy("2001:db8::1", 8080)),
        ],
    )
    def test_an_address_as_people_write_it(self, written: str, proxy: Proxy) -> None:
        assert of_address(written) == ProxySettings(proxy)

    def test_a_sign_in_in_the_address_is_taken_out_of_it(self) -> None:
        found = of_address("http://tess:p%40ss%3A@proxy.corp:3128")
        assert found.sign_in == ProxySignIn("tess", Secret("p@ss:"))
        assert found.proxy is not None
        assert "tess" not in found.proxy.url + found.proxy.name + repr(found) + "".join(found.flags())

    @pytest.mark.parametrize("written", ["socks5://proxy:1080", "socks://x", "ftp://proxy:1", "http://", "http://a:b"])
    def test_what_cannot_be_used_is_said_and_not_gone_around(self, written: str) -> None:
        proxies = Proxies(environ={"HTTPS_PROXY": written})
        with pytest.raises(ProxyUnusable) as caught:
            proxies.route("https://mesh.example.com")
        assert "cannot use" in caught.value.what

    @pytest.mark.parametrize(
        ("environ", "proxy"),
        [
            ({}, None),
            ({"HTTP_PROXY": "http://plain:1"}, None),
            ({"HTTPS_PROXY": "http://upper:1"}, Proxy("upper", 1)),
            ({"https_proxy": "http://lower:1", "HTTPS_PROXY": "http://upper:1"}, Proxy("lower", 1)),
            ({"ALL_PROXY": "http://all:1"}, Proxy("all", 1)),
            ({"HTTPS_PROXY": " ", "all_proxy": "http://all:1"}, Proxy("all", 1)),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
            ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "other.com, .example.com"}, None),
        ],
    )
    def test_the_environment(self, environ: Mapping[str, str], proxy: Proxy | None) -> None:
        assert Proxies(environ=environ).route("https://mesh.example.com/x") == proxy
        assert Proxies(environ=environ).route("wss://mesh.example.com/x") == proxy

    @pytest.mark.parametrize(
        ("rule", "url", "leads"),
        [
            ("example.com", "https://example.com", False),
            ("example.com", "https://mesh.EXAMPLE.com", False),
            (".example.com", "https://example.com", False),
            ("*.example.com", "https://mesh.example.com", False),
            ("example.com", "https://badexample.com", True),
            ("example.com:8443", "https://mesh.example.com", True),
            ("example.com:8443", "https://mesh.example.com:8443", False),
            ("10.0.0.0/8", "https://10.1.2.3", False),
            ("10.0.0.0/8", "https://11.1.2.3", True),
            ("10.1.2.3", "https://10.1.2.3:444", False),
            ("2001:db8::/32", "https://[2001:db8::1]", False),
            ("<local>", "https://intranet", False),
            ("<local>", "https://mesh.example.com", True),
            (".", "https://mesh.example.com", True),
        ],
    )
    def test_hosts_that_are_reached_without_it(self, rule: str, url: str, leads: bool) -> None:
        proxies = Proxies(environ={"HTTPS_PROXY": "http://p:1", "NO_PROXY": rule})
        assert (proxies.route(url) is not None) is leads

    @pytest.mark.parametrize("host", ["localhost", "rmm.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "169.254.1.2"])
    def test_this_computer_is_never_behind_one(self, host: str) -> None:
        assert Proxies(environ={"HTTPS_PROXY": "socks5://p:1"}).route(f"https://{host}") is None

    def test_the_environment_comes_before_the_desktop(self) -> None:
        def desktop(url: str) -> ProxySettings:
            return ProxySettings(Proxy("desktop", 1), bypass=("near.example.com",))

        assert Proxies(desktop, environ={"HTTPS_PROXY": "env:2"}).route("https://a.example.com") == Proxy("env", 2)
        assert Proxies(desktop, environ={}).route("https://a.example.com") == Proxy("desktop", 1)
        assert Proxies(desktop, environ={}).route("https://near.example.com") is None

    def test_chromium_is_told_the_same(self) -> None:
        settings = ProxySettings(
            Proxy("proxy.corp", 3128), ("example.com", ".b.org:8443", "10.0.0.0/8", "::1", "<local>", 'a"b', "x y;z")
        )
        assert settings.flags() == (
            "--proxy-server=http://proxy.corp:3128",
            "--proxy-bypass-list=example.com;*.example.com;b.org:8443;*.b.org:8443;10.0.0.0/8;[::1];<local>",
        )
        assert ProxySettings().flags() == ()
        assert ProxySettings(script=True).flags() == ("--no-proxy-server",)


_GNOME = """org.gnome.system.proxy autoconfig-url ''
org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '.corp']
org.gnome.system.proxy mode '{mode}'
org.gnome.system.proxy use-same-proxy true
org.gnome.system.proxy.http host 'plain.corp'
org.gnome.system.proxy.http port 8080
org.gnome.system.proxy.https host '{host}'
org.gnome.system.proxy.https port 3128
org.gnome.system.proxy.socks host '{socks}'
"""


class TestDesktops:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (_GNOME.format(mode="none", host="", socks=""), ProxySettings()),
            (_GNOME.format(mode="auto", host="", socks=""), ProxySettings(script=True)),
            (
                _GNOME.format(mode="manual", host="secure.corp", socks=""),
                ProxySettings(Proxy("secure.corp", 3128), ("localhost", "127.0.0.0/8", ".corp")),
            ),
            (
                _GNOME.format(mode="manual", host="", socks=""),
                ProxySettings(Proxy("plain.corp", 8080), ("localhost", "127.0.0.0/8", ".corp")),
            ),
            ("", ProxySettings()),
            ("No such schema “org.gnome.system.proxy”", ProxySettings()),
        ],
    )
    def test_gnome(self, text: str, found: ProxySettings) -> None:
        assert desktop_proxies.of_gnome(lambda: text) == found

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            (None, ProxySettings()),
            ("[Proxy Settings]\nProxyType=0\nhttpsProxy=http://p 1\n", ProxySettings()),
            ("[Proxy Settings]\nProxyType=2\nProxy Config Script=http://wpad/\n", ProxySettings(script=True)),
            (
                "[Other]\na=b\n[Proxy Settings]\nProxyType=1\nhttpsProxy=http://p.corp 3128\nNoProxyFor=.corp,a.b\n",
                ProxySettings(Proxy("p.corp", 3128), (".corp", "a.b")),
            ),
            (
                "[Proxy Settings]\nProxyType=1\nsocksProxy=socks://proxy.corp 1080\n",
                ProxySettings(unusable="a SOCKS proxy"),
            ),
            ("no file of that kind", ProxySettings()),
        ],
    )
    def test_kde(self, text: str | None, found: ProxySettings, tmp_path: Path) -> None:
        if text is not None:
            (tmp_path / "kioslaverc").write_text(text)
        environ = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_CURRENT_DESKTOP": "KDE"}
        assert desktop_proxies.of_linux(environ) == found

    def test_another_desktop_says_nothing(self) -> None:
        assert desktop_proxies.of_linux({"XDG_CURRENT_DESKTOP": "sway"}) == ProxySettings()


def through(
    proxy: ConnectProxy,
    ask: Callable[[Proxy, ProxySignIn | None], ProxySignIn | None] = lambda proxy, refused: None,
    pins: Mapping[str, str] | None = None,
    address: str = "",
) -> Transport:
    return Transport(pins, Proxies(ask=ask, environ={"HTTPS_PROXY": address or proxy.address}))


class TestThrough:
    def test_a_call_and_a_connection_go_through_it(self, tmp_path: Path) -> None:
        own = identity(tmp_path, "rmm.example.test")
        with ConnectProxy() as proxy, serve(Scripted({"/": [answer("fine")]}), own.context) as server:
            host = f"rmm.example.test:{server.port}"
            transport = through(proxy, pins={host: own.fingerprint})
            assert transport.send("GET", f"https://{host}/").leaf == own.fingerprint
            transport.connect(f"https://{host}/").close()
            assert proxy.led == [host, host]

    def test_the_certificate_is_looked_at_through_it(self, tmp_path: Path) -> None:
        own = identity(tmp_path, "rmm.example.test")
        with ConnectProxy() as proxy, serve(Scripted({"/": [answer("")]}), own.context) as server:
            host = f"rmm.example.test:{server.port}"
            with pytest.raises(CertificateUntrusted) as caught:
                through(proxy).send("GET", f"https://{host}/")
            assert caught.value.certificate is not None
            assert caught.value.certificate.fingerprint == own.fingerprint
            assert proxy.led == [host, host]

    def test_the_certificate_is_looked_at_through_one_over_tls(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own, its = identity(tmp_path, "rmm.example.test"), identity(tmp_path, "127.0.0.1")
        monkeypatch.setenv("SSL_CERT_FILE", str(its.pem))
        with ConnectProxy(context=its.context) as proxy, serve(Scripted({"/": [answer("")]}), own.context) as server:
            host = f"rmm.example.test:{server.port}"
            for pins in ({}, {host: its.fingerprint}):
                with pytest.raises(CertificateUntrusted) as caught:
                    through(proxy, pins=pins).send("GET", f"https://{host}/")
                assert caught.value.certificate is not None
                assert caught.value.certificate.fingerprint == own.fingerprint

    def test_the_technician_is_asked_and_a_wrong_answer_is_asked_about_again(self, tmp_path: Path) -> None:
        own = identity(tmp_path, "rmm.example.test")
        asked: list[ProxySignIn | None] = []

        def ask(proxy: Proxy, refused: ProxySignIn | None) -> ProxySignIn:
            asked.append(refused)
            return WRONG if refused is None else TESS

        app = Scripted({"/": [answer("fine")]})
        with ConnectProxy(TESS) as proxy, serve(app, own.context) as server:
            host = f"rmm.example.test:{server.port}"
            transport = through(proxy, ask, {host: own.fingerprint})
            assert transport.send("POST", f"https://{host}/", json={}).status == 200
            transport.connect(f"https://{host}/").close()
            assert transport.send("GET", f"https://{host}/", repeat=True).status == 200
            assert asked == [None, WRONG]
            assert proxy.refused == 2
        assert len(app.asked) == 2

    def test_nothing_is_tried_again_by_itself_with_what_was_refused(self, tmp_path: Path) -> None:
        with ConnectProxy(TESS) as proxy:
            with pytest.raises(ProxySignInWanted) as caught:
                through(proxy, address=f"http://tess:wr0ng-passphrase@{proxy.proxy.name}").send(
                    "GET", "https://rmm.example.test/", repeat=True
                )
            assert proxy.refused == 1
        assert "did not accept" in caught.value.what
        assert "wr0ng" not in caught.value.report() + repr(caught.value)

    def test_a_sign_in_in_the_address_is_used_without_asking(self, tmp_path: Path) -> None:
        own = identity(tmp_path, "rmm.example.test")
        with ConnectProxy(TESS) as proxy, serve(Scripted({"/": [answer("")]}), own.context) as server:
            host = f"rmm.example.test:{server.port}"
            address = f"http://tess:pa%3Ass%20w%C3%B6rd@{proxy.proxy.name}"
            through(proxy, pins={host: own.fingerprint}, address=address).send("GET", f"https://{host}/")
            assert (proxy.led, proxy.refused) == ([host], 0)

    def test_who_does_not_sign_in_is_told_why_nothing_works(self) -> None:
        with ConnectProxy(TESS) as proxy, pytest.raises(ProxySignInWanted) as caught:
            through(proxy).send("GET", "https://rmm.example.test/")
        assert f"The proxy {proxy.proxy.name} wants a sign-in" in caught.value.what

    @pytest.mark.parametrize("challenge", ["NTLM", "Negotiate", 'Digest realm="x", nonce="y"'])
    def test_what_is_not_basic_is_said_plainly_and_nobody_is_asked(self, challenge: str) -> None:
        def ask(proxy: Proxy, refused: ProxySignIn | None) -> None:
            raise AssertionError("asked for nothing")

        with ConnectProxy(TESS, challenge=challenge) as proxy, pytest.raises(ProxySignInWanted) as caught:
            through(proxy, ask).send("GET", "https://rmm.example.test/")
        assert challenge.split()[0].lower() in caught.value.what
        assert "cannot do" in caught.value.what

    def test_a_proxy_that_is_not_there(self) -> None:
        proxies = Proxies(environ={"HTTPS_PROXY": f"http://127.0.0.1:{free_port()}"})
        with pytest.raises(ProxyRefused) as caught:
            Transport(proxies=proxies).send("GET", "https://rmm.example.test/")
        assert "The proxy 127.0.0.1:" in caught.value.what

    def test_a_proxy_that_does_not_lead_there(self) -> None:
        with ConnectProxy() as proxy, pytest.raises(TransportProblem):
            through(proxy).send("GET", f"https://rmm.example.test:{free_port()}/")

    def test_a_proxy_over_tls_is_verified_whatever_is_pinned_behind_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own, its = identity(tmp_path, "rmm.example.test"), identity(tmp_path, "127.0.0.1")
        with ConnectProxy(TESS, context=its.context) as proxy, serve(Scripted({"/": [answer("")]}), own.context) as far:
            host = f"rmm.example.test:{far.port}"
            address = f"https://tess:pa%3Ass%20w%C3%B6rd@{proxy.proxy.name}"
            transport = through(proxy, pins={host: own.fingerprint}, address=address)
            with pytest.raises(TransportProblem):
                transport.send("GET", f"https://{host}/")
            assert (proxy.led, proxy.refused) == ([], 0)
            monkeypatch.setenv("SSL_CERT_FILE", str(its.pem))  # now the system trusts the proxy
            transport = through(proxy, pins={host: own.fingerprint}, address=address)
            assert transport.send("GET", f"https://{host}/").leaf == own.fingerprint
            assert proxy.led == [host]

    def test_many_threads_ask_one_person_once(self, tmp_path: Path) -> None:
        own = identity(tmp_path, "rmm.example.test")
        app = Scripted({f"/{number}": [answer("")] for number in range(8)})
        asked: list[ProxySignIn | None] = []

        def ask(proxy: Proxy, refused: ProxySignIn | None) -> ProxySignIn:
            asked.append(refused)
            return TESS

        with ConnectProxy(TESS) as proxy, serve(app, own.context) as server, ThreadPoolExecutor(8) as pool:
            host = f"rmm.example.test:{server.port}"
            transport = through(proxy, ask, {host: own.fingerprint})
            transport.send("GET", f"https://{host}/0")
            list(pool.map(lambda n: transport.send("GET", f"https://{host}/{n}"), range(1, 8)))
        assert asked == [None]


def test_the_environment_says_nothing_without_a_proxy() -> None:
    assert of_environment({"NO_PROXY": "example.com"}) is None


def test_our_own_web_sockets_use_the_same_way(tmp_path: Path) -> None:
    own = identity(tmp_path, "mesh.example.test")
    with ConnectProxy(TESS) as proxy, serve(Scripted({"/": [answer("")]}), own.context) as server:
        host = f"mesh.example.test:{server.port}"
        transport = through(proxy, lambda proxy, refused: TESS, {host: own.fingerprint})
        with pytest.raises(Exception, match=r"."):  # this server speaks HTTP only: what counts is how it was reached
            connected(transport, f"wss://{host}/x", {})
        assert proxy.led == [host]
