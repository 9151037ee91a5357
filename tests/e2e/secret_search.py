"""Looks for secrets in files, texts and the command lines of all processes, however they may be written there."""

import base64
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

_EVERY_SECONDS = 0.1
_SHORTEST = 12
_ALIGNMENTS = (0, 1, 2)


def encodings(text: str) -> dict[str, bytes]:
    """How a text may stand somewhere: what to look for, by the name of the encoding.

    Base64 depends on what stands before: of each of the three alignments it is the part that does not.
    """
    raw = text.encode()
    found = {
        "plain": raw,
        "percent": quote(text, safe="").encode(),
        "percent, in full": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "percent, in full, small": "".join(f"%{byte:02x}" for byte in raw).encode(),
        "hex": raw.hex().encode(),
        "hex, capital": raw.hex().upper().encode(),
        "UTF-16-LE": text.encode("utf-16-le"),
        "UTF-16-BE": text.encode("utf-16-be"),
    }
    for before in _ALIGNMENTS:
        whole = base64.b64encode(bytes(before) + raw)
        core = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        found[f"base64 {before}"] = core
        found[f"base64 {before}, for URLs"] = core.translate(bytes.maketrans(b"+/", b"-_"))
    return found


@dataclass(frozen=True)
class Finding:
    """Names the secret; the secret itself is not shown, also when a test fails."""

    secret: str
    encoding: str
    place: str


@dataclass
class SecretSearch:
    """`secrets` by a name of their own; what is added later is looked for as well."""

    secrets: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, text: str) -> None:
        """One more; several may have the same name."""
        assert len(text) >= _SHORTEST, f"{name} is too short to be told from anything else"
        if text not in self.secrets.values():
            self.secrets[f"{name} {sum(key.startswith(name) for key in self.secrets) + 1}"] = text

    def look(self, places: Iterable[tuple[str, bytes]]) -> list[Finding]:
        """Every secret in every encoding, in pairs of a place's name and its content."""
        needles = [(name, how, form) for name, text in self.secrets.items() for how, form in encodings(text).items()]
        return [
            Finding(name, how, place) for place, content in places for name, how, form in needles if form in content
        ]


def files(folder: Path, *, without: Iterable[Path] = (), since: float = 0.0) -> Iterator[tuple[str, bytes]]:
    """The names and contents of all files below a folder that were changed since then (Unix seconds)."""
    left_out = {str(path) for path in without}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if str(Path(parent, name)) not in left_out]
        yield f"the names in {parent}", os.fsencode("\n".join((*folders, *names)))
        for name in names:
            path = Path(parent, name)
            try:
                if path.is_file() and not path.is_symlink() and path.stat().st_mtime >= since:
                    yield str(path), path.read_bytes()
            except OSError:  # gone meanwhile, or not ours
                continue


class Processes:
    """Reads the command lines and environments of all processes again and again, in a thread, while it is used."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._samples: dict[bytes, str] = {}
        self._thread = threading.Thread(target=self._watch, name="processes", daemon=True)
        self.rounds = 0

    def __enter__(self) -> "Processes":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def seen(self) -> list[tuple[str, bytes]]:
        """All that was read so far, each once."""
        return [(place, content) for content, place in self._samples.copy().items()]

    def _watch(self) -> None:
        while True:
            for pid in (name for name in os.listdir("/proc") if name.isdigit()):
                for file, what in (("cmdline", "command line"), ("environ", "environment")):
                    self._read(f"/proc/{pid}/{file}", f"the {what} of process {pid}")
            self.rounds += 1
            if self._ended.wait(_EVERY_SECONDS):
                return

    def _read(self, path: str, place: str) -> None:
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:  # ended meanwhile, or of another user
            return
        if content and content not in self._samples:
            self._samples[content] = place
