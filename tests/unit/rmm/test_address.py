import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.problem import Problem
from console.rmm.address import agent_web_page, api_address, api_address_guess, host_name, web_address_guess

PARTS = (
    "https",
    "http",
    "://",
    "api",
    ".",
    "example",
    "com",
    "/",
    ":",
    "443",
    "8443",
    "@",
    "[",
    "]",
    "::1",
    "?",
    "#",
    "ü",
    " ",
)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("api.example.com", "https://api.example.com"),
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        ("  HTTPS://API.Example.COM/  ", "https://api.example.com"),
        ("api.example.com.", "https://api.example.com"),
        ("https://api.example.com/agents/?detail=true#top", "https://api.example.com"),
        ("<https://api.example.com>", "https://api.example.com"),
        ("\u200bapi.example.com\ufeff\n", "https://api.example.com"),
        ("api.example.com:8443", "https://api.example.com:8443"),
        ("https://api.example.com:443", "https://api.example.com"),
        ("https://api.example.com:", "https://api.example.com"),
        ("api.bücher.example", "https://api.xn--bcher-kva.example"),
        ("api.straße.example", "https://api.xn--strae-oqa.example"),
        ("192.0.2.4", "https://192.0.2.4"),
        ("https://[2001:DB8:0::1]:8443/x", "https://[2001:db8::1]:8443"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("http://LocalHost:80", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("127.0.0.1:8000", "https://127.0.0.1:8000"),
    ],
)
def test_what_a_technician_types_becomes_the_address(typed: str, address: str) -> None:
    assert api_address(typed) == address


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "No server address"),
        (" \n", "No server address"),
        ("http://api.example.com", "not encrypted"),
        ("http://127.0.0.1.example.com", "not encrypted"),
        ("ftp://api.example.com", "not the address of an RMM server"),
        ("https://", "not the name of a server"),
        ("https://tech:hunter2@api.example.com", "holds a user name"),
        ("api.example.com:99999", "port"),
        ("api.example.com:0", "port"),
        ("api.example.com:x", "port"),
        ("api..example.com", "not the name of a server"),
        ("-api.example.com", "not the name of a server"),
        ("api,example,com", "not the name of a server"),
        ("a" * 64 + ".example.com", "not the name of a server"),
        ("[::1", "not valid"),
        ("[zz]", "not"),
    ],
)
def test_what_is_no_address_is_refused_with_words(typed: str, words: str) -> None:
    with pytest.raises(Problem) as caught:
        api_address(typed)
    assert words in caught.value.what
    assert caught.value.advice
    assert "hunter2" not in caught.value.report()


@given(st.one_of(st.text(), st.lists(st.sampled_from(PARTS)).map("".join)))
@example("https://[::1%25]:1")
@example("http://localhost.")
def test_any_text_gives_an_address_that_stays_the_same_or_a_problem(typed: str) -> None:
    try:
        address = api_address(typed)
    except Problem:
        return
    assert re.fullmatch(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{1,5})?", address)
    assert api_address(address) == address
    assert address.startswith("https://") or "127.0.0.1" in address or "localhost" in address or "[::1]" in address


def test_the_web_page_is_guessed_from_the_api_address() -> None:
    assert web_address_guess("https://api.example.com") == "https://rmm.example.com"
    assert web_address_guess("https://api.example.com:8443") == "https://rmm.example.com:8443"
    assert web_address_guess("https://server.api.example.com") == "https://server.api.example.com"
    assert agent_web_page("https://rmm.example.com/", "A" * 40) == f"https://rmm.example.com/agents/{'A' * 40}"


def test_the_api_address_is_guessed_from_its_neighbours() -> None:
    assert api_address_guess("https://rmm.example.com") == "https://api.example.com"
    assert api_address_guess("https://mesh.example.com:8443") == "https://api.example.com:8443"
    assert api_address_guess("https://www.example.com") is None
    assert api_address_guess("https://rmm.local") is None


def test_the_host_is_named_with_its_port() -> None:
    assert host_name("https://api.example.com:8443") == "api.example.com:8443"
