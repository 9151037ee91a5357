import shutil
import sqlite3
import sys
from pathlib import Path
from typing import NamedTuple

import keyring.errors
import pytest

from console.secret import Secret
from console.sessions.doctor import stores
from console.sessions.doctor.case import Folders
from console.sessions.doctor.verdict import Outcome, Verdict
from console.vault.errors import NoVault
from console.vault.store import KeyringVault, Kind, MemoryVault, Vault
from tests.unit.vault.backend import InMemory


class Usage(NamedTuple):
    total: int
    used: int
    free: int


class Forgetful(InMemory):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return


class Clinging(InMemory):
    """Lets go of nothing."""

    def delete_password(self, service: str, username: str) -> None:
        return


@pytest.fixture
def places(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "config", tmp_path / "data", tmp_path / "log")


class TestKeyring:
    def test_it_works_and_nothing_stays_in_it(self) -> None:
        backend = InMemory()
        outcome = stores.keyring(lambda: KeyringVault(backend))
        assert outcome.verdict is Verdict.FINE
        assert outcome.said.startswith("backend: ")
        assert backend.kept == {}

    def test_what_is_in_it_stays(self) -> None:
        backend = InMemory()
        KeyringVault(backend).put("server", Kind.API_KEY, Secret("mine"))
        stores.keyring(lambda: KeyringVault(backend))
        assert len(backend.kept) == 1

    @pytest.mark.parametrize("backend", [Forgetful(), Clinging()])
    def test_one_that_does_not_keep_or_let_go(self, backend: InMemory) -> None:
        assert stores.keyring(lambda: KeyringVault(backend)).verdict is Verdict.FAILURE

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (keyring.errors.KeyringLocked("hunter2"), "locked"),
            (RuntimeError("hunter2"), "did not answer as it should"),
        ],
    )
    def test_one_that_fails(self, error: Exception, words: str) -> None:
        backend = InMemory()
        backend.error = error
        outcome = stores.keyring(lambda: KeyringVault(backend))
        assert outcome.verdict is Verdict.FAILURE
        assert words in outcome.said
        assert "hunter2" not in repr(outcome)

    def test_there_is_none(self) -> None:
        def none() -> Vault:
            raise NoVault

        outcome = stores.keyring(none)
        assert outcome.verdict is Verdict.WARNING
        assert "No keyring" in outcome.said

    def test_for_this_run_only(self) -> None:
        assert stores.keyring(MemoryVault).verdict is Verdict.WARNING


class TestFolders:
    def test_they_are_made_for_this_user(self, places: Folders) -> None:
        outcome = stores.folders(places)
        assert outcome.verdict is Verdict.FINE
        assert places.config.is_dir()
        assert list(places.config.iterdir()) == []
        if sys.platform != "win32":
            assert places.config.stat().st_mode & 0o077 == 0

    def test_one_that_cannot_be_written_to(self, places: Folders) -> None:
        places.data.write_text("a file in its place")
        outcome = stores.folders(places)
        assert outcome.verdict is Verdict.FAILURE
        assert str(places.data) in outcome.said
        assert str(places.config) not in outcome.said

    def test_a_disk_that_is_nearly_full(self, places: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 5_000_000, 5_000_000))
        outcome = stores.folders(places)
        assert outcome.verdict is Verdict.WARNING
        assert "4 MB" in outcome.said

    @pytest.mark.skipif(sys.platform == "win32", reason="no such rights there")
    def test_one_that_others_may_look_into(self, places: Folders) -> None:
        places.config.mkdir()
        places.config.chmod(0o755)
        outcome = stores.folders(places)
        assert outcome.verdict is Verdict.WARNING
        assert f"chmod 700 {places.config}" in outcome.advice


class TestFiles:
    def look(self, places: Folders) -> Outcome:
        return stores.data_files(places)

    def test_there_are_none_yet(self, places: Folders) -> None:
        assert self.look(places).verdict is Verdict.FINE

    def test_they_can_be_read(self, places: Folders) -> None:
        places.config.mkdir()
        places.data.mkdir()
        (places.config / "servers.json").write_text("{}")
        sqlite3.connect(places.data / "journal.sqlite").close()
        outcome = self.look(places)
        assert outcome.verdict is Verdict.FINE
        assert outcome.said.startswith("1 files")

    def test_one_that_cannot(self, places: Folders) -> None:
        (places.config / "servers.json").mkdir(parents=True)
        outcome = self.look(places)
        assert outcome.verdict is Verdict.FAILURE
        assert "servers.json" in outcome.said

    def test_a_journal_that_is_none(self, places: Folders) -> None:
        places.data.mkdir()
        (places.data / "journal.sqlite").write_bytes(b"this is no database at all, and long enough" * 100)
        outcome = self.look(places)
        assert outcome.verdict is Verdict.FAILURE
        assert "journal.sqlite" in outcome.said

    def test_damaged_ones_that_were_put_aside(self, places: Folders) -> None:
        (places.data / "lists").mkdir(parents=True)
        (places.data / "lists" / "abc.damaged").write_bytes(b"")
        outcome = self.look(places)
        assert outcome.verdict is Verdict.WARNING
        assert "abc.damaged" in outcome.said
