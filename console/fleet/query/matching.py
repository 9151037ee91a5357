"""What a query means, said in the plainest way: the search that is quick has to give the same rows."""

from collections.abc import Callable

from console.fleet.query.tree import All, Among, Any, Field, Is, Node, Not, Within, Word
from console.fleet.query.words import FIELDS, SEEN, STATES, Surroundings, custom_texts, seen_test
from console.fleet.search import BORDER, search_text
from console.rmm.models import Agent

__all__ = ["Surroundings", "matcher"]

ID_LETTERS = 8
"""From so many letters on a word may be meant as (a part of) an agent id, pasted from the RMM's web page."""

Test = Callable[[Agent], bool]


def matcher(node: Node, around: Surroundings) -> Test:
    """The test that a query stands for."""
    match node:
        case Word(text, _):
            return lambda agent: has_word(agent, text)
        case Is(name):
            state = STATES[name][1]
            return lambda agent: state(agent, around)
        case Field(name, value) if name == SEEN:
            seen = seen_test(value)
            return lambda agent: seen(agent, around)
        case Field(name, value) if name.startswith("cf."):
            ids = field_ids(name, around)
            return lambda agent: any(value in text.casefold() for text in custom_texts(agent, ids))
        case Field(name, value):
            texts = FIELDS[name][1]
            return lambda agent: any(value in text.casefold() for text in texts(agent))
        case Within(client, site):
            return lambda agent: agent.client_name == client and (not site or agent.site_name == site)
        case Among(agent_ids):
            return lambda agent: agent.agent_id in agent_ids
        case Not(part):
            test = matcher(part, around)
            return lambda agent: not test(agent)
        case All(parts):
            tests = [matcher(part, around) for part in parts]
            return lambda agent: all(test(agent) for test in tests)
        case Any(parts):
            tests = [matcher(part, around) for part in parts]
            return lambda agent: any(test(agent) for test in tests)


def has_word(agent: Agent, text: str) -> bool:
    """In one of the row's fields, or in the agent id when the word is long enough to be meant as one."""
    if BORDER in text:
        return False
    return text in search_text(agent) or (len(text) >= ID_LETTERS and text in agent.agent_id.casefold())


def field_ids(name: str, around: Surroundings) -> frozenset[int]:
    """The ids of the custom fields that a "cf.NAME" means: by name, or by number where names are not known."""
    wanted = name[3:]
    return frozenset(number for number, own in around.field_names.items() if own.casefold() == wanted) or frozenset(
        {int(wanted)} if wanted.isdecimal() and len(wanted) < 10 else ()
    )
