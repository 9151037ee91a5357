"""Agents for tests, and hypothesis strategies that make them."""

from datetime import UTC, datetime

import msgspec
from hypothesis import strategies as st

from console.rmm.models import Agent, AgentStatus, Checks, CustomField, Platform

WORDS = st.sampled_from(["", "alpha", "Beta", "GAMMA", "straße", "日本", "alpha beta", "x\ny", "ALPHA"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def named(agent_id: str, **fields: object) -> Agent:
    """An agent with some fields set."""
    return msgspec.structs.replace(Agent(agent_id=agent_id), **fields)


def agents(ids: st.SearchStrategy[str]) -> st.SearchStrategy[Agent]:
    """Agents in which every column can be equal, different or unknown."""
    return st.builds(
        Agent,
        agent_id=ids,
        hostname=WORDS,
        client_name=WORDS,
        site_name=WORDS,
        description=WORDS,
        logged_username=WORDS,
        italic=st.booleans(),
        needs_reboot=st.booleans(),
        maintenance_mode=st.booleans(),
        status=st.sampled_from(AgentStatus),
        plat=st.sampled_from(Platform),
        operating_system=WORDS,
        last_seen=st.none() | MOMENTS,
        checks=st.builds(
            Checks,
            total=st.integers(0, 3),
            passing=st.integers(0, 3),
            failing=st.integers(0, 2),
            warning=st.integers(0, 2),
            info=st.integers(0, 2),
        ),
        physical_disks=st.lists(WORDS, max_size=2).map(tuple),
        custom_fields=st.lists(
            st.builds(CustomField, st.integers(1, 3), WORDS | st.booleans() | st.just(("alpha", "Beta")) | st.none()),
            max_size=2,
        ).map(tuple),
    )
