"""Puts a state into a query that is being written, or takes it out; what else was typed stays as it is."""

from collections.abc import Collection, Iterator

from console.fleet.query.parser import MOST_PIECES, parse
from console.fleet.query.reader import pieces
from console.fleet.query.tree import All, Is, Node, printed


def toggled(text: str, state: str, instead_of: Collection[str] = ()) -> str:
    """The text with `is:state`, or without it when it is asked for. States that it is `instead_of` go when it comes."""
    root = parse(text).root
    on = not asks_for(root, state)
    out = {Is(one) for one in instead_of} if on else {Is(state)}
    parts = root.parts if isinstance(root, All) else (root,)
    wanted = _all((*(part for part in parts if part not in out), *([Is(state)] if on else [])))
    for deepest in (0, MOST_PIECES):
        left = _without(text, out, deepest)
        for written in _added(left, state) if on else [left]:
            if parse(written).root == wanted:
                return written
    return printed(wanted)


def asks_for(root: Node, state: str) -> bool:
    """Whether a query asks for a state besides whatever else it asks for."""
    return Is(state) in (root.parts if isinstance(root, All) else (root,))


def _all(parts: tuple[Node, ...]) -> Node:
    return parts[0] if len(parts) == 1 else All(parts)


def _without(text: str, out: Collection[Node], deepest: int) -> str:
    """Without the words for these states that stand in not more than so many brackets, and behind no minus sign."""
    depth, minus = 0, -1
    left, start = "", 0
    for piece in pieces(text):
        if piece.kind == "-":
            minus = piece.end
        elif piece.kind in "()":
            depth += 1 if piece.kind == "(" else -1
        elif depth <= deepest and piece.start != minus and piece.name is not None and parse(piece.text).root in out:
            left += text[start : piece.start]
            start = piece.end + (1 if text[piece.end : piece.end + 1].isspace() else 0)
    return (left + text[start:]).strip() if start else text.strip()


def _added(text: str, state: str) -> Iterator[str]:
    """In brackets where an "or" would take it to one side; a quote or a bracket may not be closed yet."""
    if not text:
        yield f"is:{state}"
        return
    for before, after in (("", ""), ("(", ")")):
        for end in ("", '"', ")", '")'):
            yield f"{before}{text}{end}{after} is:{state}"
