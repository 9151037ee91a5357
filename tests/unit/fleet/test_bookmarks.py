from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.files import NotSaved
from console.fleet.bookmarks import MOST_RECENT, BookmarkFile, Bookmarks, View, ViewColumn

FULL = Bookmarks(
    favourites=frozenset({"a", "b"}),
    recent=("b", "a"),
    views=(
        View(
            name="Servers",
            query="is:server -is:online",
            client="Acme",
            columns=(ViewColumn("hostname", 200), ViewColumn("user", 90, hidden=True)),
            sorting=(("client", True),),
            grouping="site",
        ),
    ),
)


def test_they_are_kept_for_each_server(tmp_path: Path) -> None:
    file = BookmarkFile(tmp_path / "bookmarks")
    file.save("one", FULL)
    assert file.load("one") == (FULL, None)
    assert file.load("two") == (Bookmarks(), None)
    file.remove("one")
    file.remove("one")
    assert file.load("one") == (Bookmarks(), None)


@pytest.mark.parametrize("text", ["", "{", '{"favourites": 5}', "[]", '{"views": [{"query": "x"}]}'])
def test_a_damaged_file_is_put_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.json").write_text(text)
    found, problem = BookmarkFile(tmp_path).load("one")
    assert found == Bookmarks()
    assert problem is not None
    assert "one.json.damaged" in problem.advice
    assert (tmp_path / "one.json.damaged").read_text() == text


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "bookmarks").write_text("in the way")
    with pytest.raises(NotSaved):
        BookmarkFile(tmp_path / "bookmarks").save("one", FULL)


def test_stars() -> None:
    assert Bookmarks().starred(frozenset("ab"), on=True).starred(frozenset("b"), on=False).favourites == {"a"}


@given(st.lists(st.sampled_from([f"agent {number}" for number in range(40)])))
def test_recent_ones_are_the_latest_each_once(used: list[str]) -> None:
    bookmarks = Bookmarks()
    for one in used:
        bookmarks = bookmarks.used(one)
    latest = list(dict.fromkeys(reversed(used)))[:MOST_RECENT]
    assert list(bookmarks.recent) == latest


def test_a_view_is_replaced_where_it_stands() -> None:
    three = Bookmarks()
    for name in ("one", "two", "three"):
        three = three.with_view(View(name=name))
    changed = three.with_view(View(name="two", query="x"))
    assert [(view.name, view.query) for view in changed.views] == [("one", ""), ("two", "x"), ("three", "")]
    turned = changed.changed_views(lambda views: views[::-1])
    assert [view.name for view in turned.views] == ["three", "two", "one"]
