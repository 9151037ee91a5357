import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.rmm import rows
from console.rmm.models import Agent, AgentStatus, BadRow, Checks, Platform


def agent_id(number: int) -> str:
    return f"{number:040d}"


def body(*raw: str) -> bytes:
    return ("[" + ",".join(raw) + "]").encode()


def row(number: int = 1, **fields: object) -> str:
    return json.dumps({"agent_id": agent_id(number), **fields}, separators=(",", ":"), ensure_ascii=False)


def only(raw: str) -> Agent:
    read = rows.read(body(raw))
    assert read.bad == ()
    (agent,) = read.agents
    return agent


NULLABLE = [name for name in Agent.__struct_fields__ if name != "agent_id"]


def test_missing_and_null_fields_are_the_same_unknown() -> None:
    assert only(row()) == only(row(1, **dict.fromkeys(NULLABLE, None))) == Agent(agent_id=agent_id(1))


def test_numbers_beyond_reason_are_unknown() -> None:
    """They could be neither sorted by nor kept."""
    agent = only(row(policy=10**400, pending_actions_count=10**400, checks={"total": 2, "failing": 10**400}))
    assert (agent.policy, agent.pending_actions_count, agent.checks) == (None, 0, Checks(total=2))
    assert only(row(policy=7)).policy == 7


def test_unknown_fields_are_ignored_and_unknown_words_cost_nothing() -> None:
    agent = only(row(status="asleep", plat="plan9", surprise={"a": [1]}))
    assert (agent.status, agent.plat) == (AgentStatus.UNKNOWN, Platform.UNKNOWN)


def test_sentinel_texts_are_unknown() -> None:
    agent = only(
        row(
            logged_username="-",
            local_ips="error getting local ips",
            make_model="unknown make/model",
            graphics="No graphics cards",
            cpu_model=["unknown cpu model"],
            physical_disks=["unknown disk", None, "SSD"],
        )
    )
    assert (agent.logged_username, agent.local_ips, agent.make_model, agent.graphics) == ("", "", "", "")
    assert (agent.cpu_model, agent.physical_disks) == ((), ("SSD",))


def test_texts_stay_on_one_line_and_in_their_direction() -> None:
    agent = only(row(hostname="PC\n\u202egpj.exe\x00", description="a\tb", site_name="الرياض", client_name="本社 – ü"))
    assert (agent.hostname, agent.description) == ("PC gpj.exe", "a b")
    assert (agent.site_name, agent.client_name) == ("الرياض", "本社 – ü")


@pytest.mark.parametrize("boot_time", [0, -5, 1e300, 253402300800])
def test_a_boot_time_that_no_calendar_has_is_unknown(boot_time: float) -> None:
    agent = only(row(boot_time=boot_time))
    assert agent.boot_time is None


@pytest.mark.parametrize(
    "last_seen",
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z"],
)
def test_a_moment_that_not_every_time_zone_has_is_unknown(last_seen: str) -> None:
    assert only(row(last_seen=last_seen)).last_seen is None


def test_moments_are_aware() -> None:
    agent = only(row(last_seen="2026-11-23T02:26:11.494809", boot_time=1795141602.5))
    assert agent.last_seen is not None
    assert agent.last_seen.isoformat() == "2026-11-23T02:26:11.494809+00:00"
    assert agent.boot_time == 1795141602.5


def test_checks_survive_nulls() -> None:
    assert only(row(checks={"total": 3, "failing": None, "passing": 3})).checks == Checks(total=3, passing=3)


@pytest.mark.parametrize(
    "raw",
    [
        "1",
        "null",
        '"text"',
        "[]",
        "{}",
        row(hostname=5),
        row(checks=[]),
        row(last_seen="yesterday"),
        row(custom_fields=[{}]),
        '{"agent_id":"short"}',
        '{"agent_id":"' + "x" * 30 + '/../x"}',
        '{"agent_id":"' + agent_id(9) + '","boot_time":1e999}',
        '{"agent_id":"' + agent_id(9) + '","pending_actions_count":' + "9" * 5000 + "}",
        '{"agent_id":"' + agent_id(9) + '","x":' + "[" * 5000 + "]" * 5000 + "}",
        '{"agent_id":"' + agent_id(9) + '","hostname":"\\ud800, {[\\""}',
    ],
    ids=range(15),
)
def test_a_bad_row_costs_itself(raw: str) -> None:
    read = rows.read(body(row(1, hostname="A"), raw, row(2, hostname="B")))
    assert [agent.hostname for agent in read.agents] == ["A", "B"]
    assert [bad.position for bad in read.bad] == [1]
    assert read.bad[0].reason


def test_text_that_is_not_utf_8_costs_its_row() -> None:
    read = rows.read(body(row(1), row(2, hostname="X")).replace(b'"X"', b'"\xff"'))
    assert len(read.agents) == 1
    assert read.bad[0].position == 1


def test_a_second_row_of_one_agent_is_a_bad_row() -> None:
    read = rows.read(body(row(1, hostname="A"), row(1, hostname="B")))
    assert [agent.hostname for agent in read.agents] == ["A"]
    assert read.bad == (BadRow(1, "the agent_id is in the list twice", agent_id(1)),)


@pytest.mark.parametrize(
    ("raw", "whose"),
    [
        (row(7, hostname=5), agent_id(7)),
        (row(7, x="deep").replace('"deep"', "[" * 5000 + "]" * 5000), agent_id(7)),
        ('{"agent_id":"../../x"}', ""),
        ('{"agent_id":7}', ""),
        ('{"hostname":"x"}', ""),
        ("null", ""),
    ],
)
def test_a_bad_row_says_whose_it_is_if_it_can(raw: str, whose: str) -> None:
    (bad,) = rows.read(body(row(1), raw)).bad
    assert bad.agent_id in (whose, "") if "[[" in raw else bad.agent_id == whose


class TestOneAgent:
    def told(self, **fields: object) -> Agent:
        known = Agent(agent_id=agent_id(1), hostname="old", logged_username="ann", serial_number="S1", client_name="C")
        return rows.read_agent(row(1, **fields).encode(), agent_id(1)).over(known)

    def test_what_it_tells_takes_the_place_of_what_was_known(self) -> None:
        agent = self.told(
            hostname="new", client="Client", site=3, site_name="Site", status="overdue", needs_reboot=True
        )
        assert (agent.hostname, agent.client_name, agent.site_name) == ("new", "Client", "Site")
        assert (agent.status, agent.needs_reboot) == (AgentStatus.OVERDUE, True)

    def test_what_it_does_not_tell_stays(self) -> None:
        agent = self.told(status="online")
        assert (agent.hostname, agent.logged_username, agent.serial_number) == ("old", "ann", "S1")
        assert agent.client_name == "C"

    def test_a_null_is_unknown(self) -> None:
        assert self.told(hostname=None).hostname == ""

    @pytest.mark.parametrize(
        ("sent", "node"), [({}, None), ({"mesh_node_id": None}, ""), ({"mesh_node_id": "ab"}, "ab")]
    )
    def test_whether_it_has_a_mesh_node(self, sent: dict[str, object], node: str | None) -> None:
        assert rows.read_agent(row(1, **sent).encode(), agent_id(1)).node_id == node

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"\xff",
            b"[" * 9000,
            row(2).encode(),
            row(1, hostname=5).encode(),
            row(1).encode() + b"x",
        ],
    )
    def test_what_is_not_this_agent_s_is_refused(self, raw: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            rows.read_agent(raw, agent_id(1))

    @given(st.binary(max_size=200))
    def test_no_bytes_crash_it(self, raw: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            rows.read_agent(raw, agent_id(1))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"null",
        b"[1",
        b"[]]",
        b"[1]x",
        b'["\\ud800"] [2]',
        b'["',
        b"[" * 3000,
        b"\xff",
        b"<html>",
    ],
)
def test_what_is_no_array_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        rows.read(raw)


def test_a_long_body_is_cut_between_rows_and_loses_none() -> None:
    trap = 'quote " and },{"agent_id": in a text'
    raw = [row(number, hostname=f"PC {number}", description=trap + "x" * 500) for number in range(6000)]
    whole = body(*raw)
    assert len(whole) > 3 * 1024 * 1024
    read = rows.read(whole)
    assert [agent.hostname for agent in read.agents] == [f"PC {number}" for number in range(6000)]
    assert read.bad == ()
    assert {agent.description for agent in read.agents} == {trap + "x" * 500}


def test_a_seam_deeper_than_the_rows_is_not_taken_for_one() -> None:
    nested = row(1, x="y" * 1024 * 1024, z=[{"a": 1}, {"agent_id": agent_id(5)}])
    read = rows.read(body(nested, row(2)))
    assert [agent.agent_id for agent in read.agents] == [agent_id(1), agent_id(2)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=6))
def test_each_element_is_an_agent_or_a_bad_row(elements: list[object]) -> None:
    read = rows.read(json.dumps(elements).encode())
    assert len(read.agents) + len(read.bad) == len(elements)


@given(st.lists(JSON, max_size=6))
def test_the_tolerant_cut_finds_the_same_elements(elements: list[object]) -> None:
    broken = json.dumps([*elements, 0], ensure_ascii=False).encode()[:-2] + b'"\\ud800"]'
    read = rows.read(broken)
    assert len(read.agents) + len(read.bad) == len(elements) + 1


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(raw: bytes) -> None:
    try:
        read = rows.read(b"[" + raw + b"]")
    except ValueError:
        return
    assert read.agents == ()
