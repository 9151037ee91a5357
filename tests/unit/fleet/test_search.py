import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.search import search_text
from console.rmm.models import Agent, AgentStatus, CustomField, Platform
from tests.unit.fleet.agents import agents, named

TEXT_FIELDS = (
    "hostname",
    "client_name",
    "site_name",
    "description",
    "logged_username",
    "monitoring_type",
    "operating_system",
    "version",
    "goarch",
    "public_ip",
    "local_ips",
    "make_model",
    "serial_number",
    "graphics",
    "alert_template",
)
NOT_SEARCHED = {"agent_id"}


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_every_text_field_is_searched_without_regard_to_case(field: str) -> None:
    assert "needle straße".casefold() in search_text(named("id", **{field: "a NEEDLE Straße"}))


def test_no_text_field_was_forgotten() -> None:
    texts = {field.name for field in msgspec.structs.fields(Agent) if field.type is str}
    assert texts == set(TEXT_FIELDS) | NOT_SEARCHED


@pytest.mark.parametrize("field", ["cpu_model", "physical_disks"])
def test_lists_of_texts_are_searched(field: str) -> None:
    text = search_text(named("id", **{field: ("First", "Second")}))
    assert "first" in text
    assert "second" in text


@pytest.mark.parametrize(
    ("value", "found"),
    [("Blue", ["blue"]), (("Red", "Green"), ["red", "green"]), (True, []), (3.0, []), (None, [])],
)
def test_texts_of_custom_fields_are_searched(
    value: str | bool | float | tuple[str, ...] | None, found: list[str]
) -> None:
    text = search_text(named("id", custom_fields=(CustomField(1, value),)))
    assert text.split() == found


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        (Platform.WINDOWS, "windows"),
        (Platform.LINUX, "linux"),
        (Platform.MACOS, "macos"),
        (Platform.MACOS, "darwin"),
    ],
)
def test_platforms_are_found_by_the_names_that_people_use(platform: Platform, words: str) -> None:
    assert words in search_text(named("id", plat=platform))


@pytest.mark.parametrize("status", [AgentStatus.ONLINE, AgentStatus.OFFLINE, AgentStatus.OVERDUE])
def test_the_status_is_searched(status: AgentStatus) -> None:
    assert status.value in search_text(named("id", status=status))


def test_no_word_matches_across_two_fields() -> None:
    assert "ab" not in search_text(named("id", hostname="a", client_name="b"))


def test_the_random_letters_of_the_id_do_not_match_short_words() -> None:
    assert search_text(named("WVrliBIICKfKbljk")) == ""


@given(agents(st.just("id")))
def test_the_text_is_folded_once_and_for_all(agent: Agent) -> None:
    text = search_text(agent)
    assert text == text.casefold()
    assert "\n\n" not in text
