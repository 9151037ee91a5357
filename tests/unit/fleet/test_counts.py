from hypothesis import given
from hypothesis import strategies as st

from console.fleet.counts import counted
from console.rmm.models import Agent, AgentStatus, Checks
from tests.unit.fleet.agents import agents, named


def test_agents_are_counted_by_client_and_site() -> None:
    counts = counted(
        [
            named("a", client_name="One", site_name="North", status=AgentStatus.ONLINE, checks=Checks(1, 0, 1)),
            named("b", client_name="One", site_name="South", status=AgentStatus.OVERDUE),
            named("c", client_name="Two", site_name="North", status=AgentStatus.OFFLINE, checks=Checks(1, 0, 0, 1)),
        ]
    )
    assert (counts.all.total, counts.all.online, counts.all.offline, counts.all.overdue, counts.all.failing) == (
        3,
        1,
        1,
        1,
        2,
    )
    assert counts.clients["One"].total == 2
    assert {site: tally.total for site, tally in counts.sites_of("One").items()} == {"North": 1, "South": 1}


@given(st.lists(agents(st.just("id")), max_size=20))
def test_the_parts_make_up_the_whole(some: list[Agent]) -> None:
    counts = counted(some)
    for name in ("total", "online", "offline", "overdue", "failing"):
        whole = getattr(counts.all, name)
        assert whole == sum(getattr(tally, name) for tally in counts.clients.values())
        assert whole == sum(getattr(tally, name) for tally in counts.sites.values())
    assert counts.all.total == len(some)
