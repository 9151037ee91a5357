from datetime import UTC, datetime, timedelta

import pytest

from console.fleet.query.matching import Surroundings, matcher
from console.fleet.query.parser import parse
from console.rmm.models import Agent, AgentStatus, Checks, CustomField, Platform
from tests.unit.fleet.agents import named

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PC = named(
    "WVrliBIICKfKbljkAMiT",
    hostname="ACME-PC-7",
    client_name="Acme Corp",
    site_name="Köln",
    description="by the door",
    monitoring_type="workstation",
    logged_username="ACME\\sue",
    status=AgentStatus.ONLINE,
    plat=Platform.MACOS,
    operating_system="Sonoma 14.4",
    public_ip="203.0.113.7",
    local_ips="10.1.2.3/24, fe80::1/64",
    make_model="Apple Mac14,2",
    serial_number="C02XYZ",
    version="2.7.0",
    last_seen=NOW - timedelta(days=2),
    custom_fields=(
        CustomField(1, "ACM-0042"),
        CustomField(2, value=True),
        CustomField(3, ("red", "blue")),
        CustomField(4, 12.0),
        CustomField(5),
    ),
)
HERE = Surroundings(
    NOW, frozenset(), frozenset(), {1: "Asset tag", 2: "Leased", 3: "Colours", 4: "Room", 5: "Empty", 6: "asset TAG"}
)


def is_match(text: str, agent: Agent = PC, surroundings: Surroundings = HERE) -> bool:
    query = parse(text)
    assert query.notes == ()
    return matcher(query.root, surroundings)(agent)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "acme",
        "7 acme KÖLN door",
        "darwin",
        '"acme corp"',
        "nothing or acme",
        "-nothing",
        "acme -(nothing or nobody)",
        "client:corp",
        'client:"acme corp"',
        "site:köln",
        "host:pc-7",
        "user:sue",
        "ip:203.0 ip:fe80::1 ip:10.1.2.3",
        "os:sonoma os:mac",
        "model:mac14",
        "serial:c02",
        "version:2.7",
        "seen:<3d",
        "seen:<49h",
        "seen:>1d",
        "seen:>2d",
        "seen:>2879m",
        "seen:<1w",
        "seen:<999999w",
        "is:online is:workstation is:macos",
        "-is:server -is:favourite -is:expired",
        'cf."asset tag":0042',
        "cf.leased:yes",
        "cf.colours:blue",
        "cf.room:12",
        "wvrlibii",
        "WVrliBIICKfKbljkAMiT",
        "acme wvrlibii",
    ],
)
def test_what_matches(text: str) -> None:
    assert is_match(text)


@pytest.mark.parametrize(
    "text",
    [
        "acme nothing",
        "acmeköln",
        '"corp acme"',
        "-acme",
        "client:köln",
        "host:corp",
        "seen:<2d",
        "seen:>999999w",
        "is:offline",
        "is:online is:server",
        "cf.room:acm",
        "cf.empty:x",
        "cf.other:1",
        "cf.leased:no",
        "wvrl",
    ],
)
def test_what_does_not_match(text: str) -> None:
    assert not is_match(text)


@pytest.mark.parametrize(
    ("state", "agent"),
    [
        ("online", named("a", status=AgentStatus.ONLINE)),
        ("offline", named("a", status=AgentStatus.OFFLINE)),
        ("overdue", named("a", status=AgentStatus.OVERDUE)),
        ("expired", named("a", last_seen=NOW - timedelta(days=30))),
        ("checksfailing", named("a", checks=Checks(failing=1))),
        ("checksfailing", named("a", checks=Checks(warning=1))),
        ("patchespending", named("a", has_patches_pending=True)),
        ("actionspending", named("a", pending_actions_count=1)),
        ("rebootneeded", named("a", needs_reboot=True)),
        ("maintenance", named("a", maintenance_mode=True)),
        ("server", named("a", monitoring_type="server")),
        ("workstation", named("a", monitoring_type="workstation")),
        ("windows", named("a", plat=Platform.WINDOWS)),
        ("linux", named("a", plat=Platform.LINUX)),
        ("macos", named("a", plat=Platform.MACOS)),
        ("nomesh", named("n")),
        ("favourite", named("f")),
    ],
)
def test_each_state(state: str, agent: Agent) -> None:
    here = Surroundings(NOW, favourites=frozenset("f"), without_mesh=frozenset("n"))
    other = named("x", last_seen=NOW)
    assert is_match(f"is:{state}", agent, here)
    assert not is_match(f"is:{state}", other, here)


def test_an_agent_that_was_never_seen_was_seen_longer_ago_than_any_time() -> None:
    never = named("a")
    assert is_match("is:expired seen:>999999w", never)
    assert not is_match("seen:<999999w", never)


def test_a_clock_that_is_wrong_does_not_matter() -> None:
    assert is_match("seen:<1m", named("a", last_seen=NOW + timedelta(days=400)))
