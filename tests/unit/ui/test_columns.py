from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.rmm.models import Agent, AgentStatus, Checks, Platform
from console.ui.agents.columns import COLUMNS, STATUS_ICONS, STATUS_WORDS, ColumnSpec, ago, local, now
from console.ui.theme import Colours
from tests.unit.fleet.agents import agents, named

NOW = datetime(2026, 6, 16, 12, 0, tzinfo=UTC)
ANY_MOMENT = st.datetimes(timezones=st.just(UTC))


def column(name: str) -> ColumnSpec:
    return next(each for each in COLUMNS if each.name == name)


def in_order(name: str, *given: Agent) -> list[str]:
    return [agent.agent_id for agent in sorted(given, key=column(name).key)]


def test_names_are_unique_and_the_first_columns_stay() -> None:
    assert len({each.name for each in COLUMNS}) == len(COLUMNS)
    assert [each.name for each in COLUMNS][:2] == ["status", "hostname"]
    assert all(each.title and each.width > 0 for each in COLUMNS)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=400), "400 days ago"),
        (timedelta(seconds=-30), "now"),
        (timedelta(hours=-2), "in the future"),
    ],
)
def test_how_long_ago(passed: timedelta, words: str) -> None:
    assert ago(NOW - passed, NOW) == words


def test_never() -> None:
    assert ago(None, NOW) == "never"
    assert local(None) == ""


@given(ANY_MOMENT)
def test_any_moment_can_be_shown(moment: datetime) -> None:
    assert ago(moment, NOW)
    assert local(moment)


def test_a_moment_is_shown_in_local_time() -> None:
    shown = datetime.strptime(local(NOW), "%Y-%m-%d %H:%M:%S").astimezone()
    assert shown == NOW


def test_now_has_a_time_zone() -> None:
    assert now().tzinfo is UTC


@given(agents(st.just("id")), ANY_MOMENT)
def test_any_agent_can_be_shown_in_every_column(agent: Agent, moment: datetime) -> None:
    for each in COLUMNS:
        assert isinstance(each.text(agent, moment), str)
        assert isinstance(each.tip(agent), str)
        assert isinstance(each.muted(agent), bool)
        icon = each.icon(agent)
        assert icon is None or icon[1] in Colours.__struct_fields__


@given(st.lists(agents(st.just("id")), max_size=6), st.sampled_from(COLUMNS))
def test_any_agents_can_be_sorted_and_unknown_ones_stand_last(given_agents: list[Agent], each: ColumnSpec) -> None:
    known = [each.key(agent)[0] == 0 for agent in sorted(given_agents, key=each.key)]
    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize("status", AgentStatus)
def test_every_status_has_words_and_a_look(status: AgentStatus) -> None:
    assert STATUS_WORDS[status]
    assert STATUS_ICONS[status]


def test_no_two_statuses_look_alike_in_shape_or_in_colour() -> None:
    assert len({shape for shape, _ in STATUS_ICONS.values()}) == len(AgentStatus)
    assert len({colour for _, colour in STATUS_ICONS.values()}) == len(AgentStatus)


@pytest.mark.parametrize(
    ("agent", "text"),
    [
        (named("a", checks=Checks(total=5, passing=5)), "5 passing"),
        (named("a", checks=Checks(total=5, passing=3, failing=1, warning=1)), "1 failing"),
        (named("a", checks=Checks(total=5, passing=3, warning=1, info=1)), "1 warning"),
        (named("a", checks=Checks(total=5, warning=2)), "2 warnings"),
        (named("a", checks=Checks(total=5, info=2)), "2 info"),
        (named("a"), ""),
        (named("a", maintenance_mode=True, checks=Checks(total=5, failing=1)), "maintenance"),
    ],
)
def test_checks_say_the_worst(agent: Agent, text: str) -> None:
    assert column("checks").text(agent, NOW) == text
    assert bool(column("checks").icon(agent)) is bool(text)


def test_what_needs_attention_stands_first() -> None:
    assert in_order(
        "checks",
        named("unknown"),
        named("fine", checks=Checks(total=9, passing=9)),
        named("warning", checks=Checks(total=9, warning=9)),
        named("failing", checks=Checks(total=9, failing=1)),
    ) == ["failing", "warning", "fine", "unknown"]
    assert in_order("reboot", named("no"), named("yes", needs_reboot=True)) == ["yes", "no"]
    assert in_order("status", *(named(status.name, status=status) for status in AgentStatus)) == [
        "ONLINE",
        "OFFLINE",
        "OVERDUE",
        "UNKNOWN",
    ]


def test_who_was_seen_last_stands_first() -> None:
    assert in_order(
        "last_seen", named("never"), named("long ago", last_seen=NOW - timedelta(days=9)), named("now", last_seen=NOW)
    ) == ["now", "long ago", "never"]


def test_names_are_sorted_without_regard_to_case() -> None:
    assert in_order("hostname", named("2", hostname="b"), named("1", hostname="A"), named("3")) == ["1", "2", "3"]


def test_the_last_user_is_told_from_the_present_one() -> None:
    user = column("user")
    gone, here = named("a", logged_username="tech", italic=True), named("a", logged_username="tech")
    assert user.muted(gone)
    assert "last user" in user.tip(gone)
    assert not user.muted(here)
    assert user.tip(here) == ""


@pytest.mark.parametrize("platform", Platform)
def test_the_platform_has_its_icon(platform: Platform) -> None:
    assert bool(column("os").icon(named("a", plat=platform))) is (platform is not Platform.UNKNOWN)


def test_the_switches_of_the_alerts_are_named() -> None:
    some = named("a", overdue_email_alert=True, overdue_dashboard_alert=True, alert_template="Critical")
    assert column("alerts").text(some, NOW) == "e-mail, dashboard"
    assert column("alert_template").text(some, NOW) == "Critical"
    assert column("alerts").text(named("b"), NOW) == ""
    assert column("inheritance").text(named("c", block_policy_inheritance=True), NOW) == "not inherited"


def test_policy_and_agent_id_have_columns() -> None:
    some, other = named("WVrliBIICKfKbljkAMiT", policy=12), named("b")
    assert column("policy").text(some, NOW) == "no. 12"
    assert column("policy").text(other, NOW) == ""
    assert column("policy").key(named("c", policy=9)) < column("policy").key(some) < column("policy").key(other)
    assert column("agent_id").text(some, NOW) == "WVrliBIICKfKbljkAMiT"
    assert not column("agent_id").shown
