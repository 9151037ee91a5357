"""Paths and names on the remote machine. The agent takes forward slashes on every system, Windows too."""

import posixpath

from console.mesh.download import safe_name

_LONGEST_NAME = 200
"""In bytes of UTF-8: file systems take 255, and what marks a part or a second one must fit as well."""


def clean(folder: str, windows: bool) -> str:
    """A folder as the technician typed it or the page reported it, in the agent's form, without a slash at its end."""
    text = folder.strip()
    if windows:
        text = text.replace("\\", "/").lstrip("/")
        return text.rstrip("/") + "/" if len(text.rstrip("/")) == 2 and text[1:2] == ":" else text.rstrip("/")
    return posixpath.normpath("/" + text.lstrip("/")) if text else ""


def joined(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}"


def shown(path: str) -> str:
    """A path as it is put into a sentence: short enough, and without what a line cannot show."""
    text = "".join(character if character.isprintable() else "_" for character in path)
    return text if len(text) <= 120 else f"{text[:60]}…{text[-58:]}"


def name_there(name: str, windows: bool) -> str:
    """The name that a file of this computer gets there: what Windows cannot take is replaced."""
    if windows:
        return safe_name(name)
    if len(name.encode(errors="surrogateescape")) > _LONGEST_NAME or not name.isprintable():
        return safe_name(name)
    return name


def same(one: str, other: str, folds: bool) -> bool:
    """Whether two names are one file there. `folds`: the file system does not tell capitals apart."""
    return one.casefold() == other.casefold() if folds else one == other


def second(name: str, number: int) -> str:
    """ "name (2).ext": for keeping both."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem} ({number}).{suffix}" if stem and dot else f"{name} ({number})"
