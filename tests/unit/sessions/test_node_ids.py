from console.sessions.node_ids import NodeIds


def test_what_is_learnt_is_known_and_told() -> None:
    nodes = NodeIds()
    nodes.learn("a", "1")
    kept: dict[str, str] = {"b": "2"}
    nodes.keep_in(lambda: kept, kept.__setitem__)
    assert kept == {"a": "1", "b": "2"}, "what was learnt before belongs there too"
    nodes.learn("c", "3")
    assert (nodes.of("a"), nodes.of("b"), nodes.of("c"), nodes.of("d")) == ("1", "2", "3", None)
    assert kept["c"] == "3"


def test_what_was_seen_in_this_run_counts_more() -> None:
    nodes = NodeIds()
    nodes.keep_in(lambda: {"a": "old"}, lambda agent_id, node: None)
    nodes.learn("a", "new")
    assert nodes.of("a") == "new"
