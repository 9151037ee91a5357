"""Fuzzing what leads somewhere: session links, the URLs of a page, typed addresses, certificates, login tokens."""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import strategies as st

from console import certificates
from console.demo.mesh_token import tactical_login_token
from console.mesh import mint
from console.mesh.containment import Containment
from console.mesh.errors import BadMeshKey, MeshProblem
from console.mesh.link import MeshSite, hex_form, is_node, mesh_form, parse, site_of
from console.mesh.session_kind import SessionKind
from console.problem import Problem
from console.rmm.address import agent_web_page, api_address, api_address_guess, host_name, web_address_guess
from console.secret import Secret
from tests.fuzz.fuzzing import DICE, Dice, fuzz, outcome

TOKEN = "YWJjhunter2@ZGVm$Z2hp+amts=="
HEX = "0123456789abcdef" * 6
HOSTS = ("mesh.example.com", "10.0.0.1", "[fe80::1]", "a_b.example", "localhost:8443", "x:443")
PATHS = ("/", "", "/customer/", "/customer", "/a/b.c/")
BITS = (
    *("https://", "http://", "//", "/", "?", "&", "#", "@", ":", "\\", "%2e%2e", "..", ";", "[", "]", "\n", "\t"),
    *("login=", "gotonode=", "None", "err", ":443", ":0", "\u2100", "\u3002", "\uff0f", "\ud800", "é", "javascript:"),
    *("mesh.example.com", "login=hunter2&", f"gotonode={HEX}&"),
)


def written_link(dice: Dice) -> str:
    if dice.often(6):
        return dice.text(BITS)
    node = dice.randbytes(48).hex()
    node = mesh_form(node) if dice.often(2) else node
    whole = f"https://{dice.choice(HOSTS)}{dice.choice(PATHS)}?login={TOKEN}&gotonode={node}&viewmode=11&hide=31"
    return dice.disturbed_text(whole, BITS)


@fuzz(DICE.map(written_link) | st.text(), st.sampled_from(SessionKind))
def test_a_session_link(text: str, kind: SessionKind) -> None:
    """It is refused in words, or leads to one node of one site, without its token."""
    link = outcome(MeshProblem, lambda: parse(Secret(text), kind, "HOST"))
    if isinstance(link, MeshProblem):
        assert link.advice
        assert TOKEN not in link.report()
        return
    page = urlsplit(link.page_url)
    assert f"{page.scheme}://{page.netloc}" == link.origin
    assert (page.scheme, page.path, page.username) == ("https", link.path, None)
    assert "login=" not in link.page_url
    assert TOKEN not in link.page_url + repr(link)
    assert is_node(link.mesh_node)
    assert mesh_form(hex_form(link.mesh_node)) == link.mesh_node
    assert site_of(link.site.url) == link.site
    rules = Containment(link.origin, link.path, link.mesh_node)
    assert rules.allows_page(link.page_url), "the page of a link is allowed by the rules made of it"


SITE = MeshSite("https://mesh.example.com", "/")
RULES = Containment(SITE.origin, SITE.path, mesh_form(HEX))
URLS = (
    f"https://mesh.example.com/?gotonode={HEX}&viewmode=11",
    f"wss://mesh.example.com/meshrelay.ashx?browser=1&p=2&nodeid=node//{mesh_form(HEX)}&id=abc&auth=x",
    "wss://mesh.example.com/control.ashx",
    "https://mesh.example.com/scripts/agent-desktop-0.0.2-min.js",
    "https://mesh.example.com/devicefile.ashx?c=abc&m=x&n=y&f=a",
    "blob:https://mesh.example.com/0a1b",
    "data:text/plain,x",
)
PARTS = (*BITS, "evil.example", ".evil.example", "file:", "chrome:", "devicefile.ashx", "mstsc.html", "wss:")


@fuzz(DICE.map(lambda dice: dice.disturbed_text(dice.choice(URLS), PARTS)) | st.text())
def test_a_url_of_a_page(url: str) -> None:
    """What is allowed is on this site, whatever stands in it."""
    for allowed, schemes in ((RULES.allows_request(url), {"https", "wss"}), (RULES.allows_page(url), {"https"})):
        if allowed and url.partition(":")[0] not in ("blob", "data"):
            parts = urlsplit(url)
            assert parts.scheme in schemes
            assert parts.netloc.lower() in ("mesh.example.com", "mesh.example.com:443")
            assert ".." not in parts.path.split("/")


TYPED = ("https://api.example.com", "api.example.com:8443", "http://127.0.0.1:8000/", "[::1]", "münchen.example")
SIGNS = (*BITS, "xn--", ".", "-", "_", "\u200b", "\u00ad", "ß", "\u0130", "<", ">", "user@", "%25eth0", "99999")


@fuzz(DICE.map(lambda dice: dice.disturbed_text(dice.choice(TYPED), SIGNS) or dice.text(SIGNS)) | st.text())
def test_a_typed_address(typed: str) -> None:
    """It becomes an address that stays the same, or words that say what is wrong with it."""
    address = outcome(Problem, lambda: api_address(typed))
    if isinstance(address, Problem):
        assert address.advice
        return
    assert api_address(address) == address
    assert address.isascii()
    parts = urlsplit(address)
    assert parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")
    assert (parts.path, parts.query, parts.fragment, parts.username) == ("", "", "", None)
    guess = api_address_guess(address)
    assert guess is None or api_address(guess) == guess
    assert host_name(address)
    assert agent_web_page(web_address_guess(address), "x").endswith("/agents/x")


def certificate() -> bytes:
    """One with everything in it that is looked at."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mesh.example.com")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("mesh.example.com"), x509.RFC822Name("a@example.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, now, now + timedelta(days=90))
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


DER = certificate()
MARKS = (b"\x30\x82", b"\x02\x01\x07", b"\x17\x0d", b"\x0c\xff", b"\xa0\x03\x02\x01\x02")


@fuzz(DICE.map(lambda dice: dice.disturbed(DER, MARKS)) | st.binary())
def test_a_certificate(der: bytes) -> None:
    """It is read or it is a ValueError; never anything else, whoever made it."""
    read = outcome(ValueError, lambda: certificates.parse(der))
    if isinstance(read, ValueError):
        return
    assert len(read.fingerprint) == 64
    assert read.not_before.tzinfo is UTC
    assert read.shown_fingerprint.count(":") == 31


@fuzz(DICE, st.text(st.characters(codec="utf-8")))
def test_a_login_token(dice: Dice, name: str) -> None:
    """What is made here is opened by MeshCentral's rules, says what it should, and no changed byte is."""
    key, now = dice.randbytes(80).hex(), dice.randrange(2**33)
    token = mint.login_token(Secret(key), name, now=float(now)).reveal()
    raw = base64.b64decode(token, b"@$")
    said = opened(raw, key)
    assert (said["u"], said["time"], said["expire"]) == (f"user//{name.lower()}", now, mint.MINUTES)
    changed = bytearray(raw)
    changed[dice.randrange(len(raw))] ^= dice.randint(1, 255)
    with pytest.raises(InvalidTag):
        opened(bytes(changed), key)
    assert is_base64(tactical_login_token(Secret(key), name, float(now)).reveal())


@fuzz(DICE.map(lambda dice: dice.disturbed_text(dice.randbytes(80).hex(), ("\n", " ", "g", "é", "٣", "0x"))))
def test_a_pasted_login_key(text: str) -> None:
    key = outcome(BadMeshKey, lambda: mint.checked_key(Secret(text)))
    if isinstance(key, BadMeshKey):
        assert len(text) < 4 or text not in key.report()
    else:
        assert len(bytes.fromhex(key.reveal())) == 80


def opened(raw: bytes, key: str) -> dict[str, object]:
    nonce, tag, text = raw[:12], raw[12:28], raw[28:]
    said: dict[str, object] = json.loads(AESGCM(bytes.fromhex(key)[:32]).decrypt(nonce, text + tag, None))
    return said


def is_base64(text: str) -> bool:
    return bool(base64.b64decode(text, b"@$")) and not set(text) & set("+/")
