import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.rmm import clients
from console.rmm.models import Client

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "name", "sites", "agent_count"]), inner, max_size=4)
    ),
    max_leaves=20,
)


def test_a_bad_client_costs_itself_only() -> None:
    body = b"""[{"id": 1, "name": "Acme\\nCorp", "sites": [{"name": "North"}, null, {"name": null}, {"id": 3}]},
        {"id": "x", "name": "Bad"}, null, 7, {"id": 2, "name": "Bare"}, {"id": 3, "name": ""}]"""
    assert clients.read(body) == (Client(1, "Acme Corp", ("North",)), Client(2, "Bare", ()))


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"[" * 100_000])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        clients.read(body)


@given(st.lists(JSON))
def test_whatever_the_server_lists_is_survived(rows: list[object]) -> None:
    for client in clients.read(msgspec.json.encode(rows)):
        assert client.name
        assert all(client.sites)
