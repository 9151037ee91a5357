import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.mesh.link import MeshSite
from console.secret import Secret
from console.sessions.mesh_secrets import read_key, read_sign_ins, write_key, write_sign_ins
from console.sessions.own_sign_in import EmergencyKey, OwnSignIn
from console.vault.store import Kind, MemoryVault

SITE = MeshSite("https://mesh.example.com", "/customers/")


def test_a_key_comes_back_as_it_was_kept() -> None:
    vault = MemoryVault()
    write_key(vault, "s", EmergencyKey(SITE, "Tess", Secret(secrets.token_hex(80))))
    found = read_key(vault, "s")
    assert found is not None
    assert (found.site, found.user, len(found.key.reveal())) == (SITE, "Tess", 160)
    assert read_key(vault, "another") is None


@pytest.mark.parametrize(
    "kept", ["", "{}", '{"site":"http://x","user":"a","key":"b"}', '{"site":"https://x","user":"a","key":"b"}']
)
def test_a_key_that_somebody_changed_counts_as_none(kept: str) -> None:
    vault = MemoryVault()
    vault.put("s", Kind.MESH_KEY, Secret(kept))
    assert read_key(vault, "s") is None


@given(st.text(), st.text(), st.booleans())
def test_sign_ins_come_back_as_they_were_typed(user: str, password: str, lasting: bool) -> None:
    try:
        (user + password).encode()
    except UnicodeEncodeError:
        return
    vault = MemoryVault()
    write_sign_ins(vault, "s", {SITE.url: OwnSignIn(user, Secret(password), lasting)})
    found = read_sign_ins(vault, "s")[SITE.url]
    assert (found.user, found.password.reveal(), found.lasting) == (user, password, lasting)


def test_the_last_one_that_goes_takes_the_entry_along() -> None:
    vault = MemoryVault()
    write_sign_ins(vault, "s", {SITE.url: OwnSignIn("a", Secret("b"))})
    write_sign_ins(vault, "s", {})
    assert vault.get("s", Kind.MESH_SIGN_IN) is None


@given(st.text())
def test_nothing_that_is_kept_breaks_it(text: str) -> None:
    vault = MemoryVault()
    for kind in (Kind.MESH_SIGN_IN, Kind.MESH_KEY):
        vault.put("s", kind, Secret(text))
    read_key(vault, "s")
    read_sign_ins(vault, "s")
