"""Login tokens made here, read back by the rules of MeshCentral's own reader."""

import base64
import json
import secrets

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from console.mesh.errors import BadMeshKey
from console.mesh.mint import MINUTES, checked_key, login_token
from console.secret import Secret

KEY = Secret(secrets.token_hex(80))


def opened(token: Secret, key: Secret = KEY) -> dict[str, object]:
    """What decodeCookieAESGCM (meshcentral.js) reads."""
    raw = base64.b64decode(token.reveal().replace("@", "+").replace("$", "/"))
    nonce, tag, text = raw[:12], raw[12:28], raw[28:]
    found: dict[str, object] = json.loads(AESGCM(bytes.fromhex(key.reveal())[:32]).decrypt(nonce, text + tag, None))
    return found


def test_a_token_says_who_when_for_how_long_and_that_it_serves_once() -> None:
    said = opened(login_token(KEY, "Tess___3", now=1_700_000_000.9))
    once = said.pop("once")
    assert said == {"a": 3, "u": "user//tess___3", "time": 1_700_000_000, "expire": MINUTES}
    assert isinstance(once, str), "MeshCentral takes no other type for it"
    assert len(once) == 32


def test_no_two_tokens_are_alike() -> None:
    first, second = login_token(KEY, "tess", now=1.0), login_token(KEY, "tess", now=1.0)
    assert first.reveal() != second.reveal()
    assert opened(first)["once"] != opened(second)["once"]


def test_the_domain_is_part_of_the_user() -> None:
    assert opened(login_token(KEY, "tess", domain="customers"))["u"] == "user/customers/tess"


@given(st.text())
def test_any_user_name_survives(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    token = login_token(KEY, name)
    assert opened(token)["u"] == f"user//{name.lower()}"
    assert not set(token.reveal()) & set("+/")


@pytest.mark.parametrize("text", ["", "0" * 159, "0" * 161, "g" * 160, "0" * 64])
def test_what_is_no_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(BadMeshKey) as refused:
        login_token(Secret(text), "tess")
    assert not text or text not in refused.value.report()


def test_a_key_may_be_pasted_in_lines() -> None:
    text = KEY.reveal()
    assert checked_key(Secret(f" {text[:80]}\n{text[80:]}\n")).reveal() == text
