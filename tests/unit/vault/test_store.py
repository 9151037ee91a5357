from collections.abc import Callable, Iterator

import keyring.backend
import keyring.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.secret import Secret
from console.vault.errors import NoVault, VaultFailed, VaultLocked, VaultProblem
from console.vault.store import KeyringVault, Kind, MemoryVault, Vault, open_vault
from tests.unit.vault.backend import InMemory

SECRET = Secret("hunter2")


def backend_class(module: str, priority: float = 1) -> type[InMemory]:
    return type("Keyring", (InMemory,), {"__module__": module, "priority": priority})


@pytest.fixture(autouse=True)
def no_trace_in_the_library() -> Iterator[None]:
    """The library notes every class of a back end; those of the tests are taken out again."""
    known: set[type] = keyring.backend.KeyringBackend._classes
    before = set(known)
    yield
    known &= before


@pytest.mark.parametrize("make", [MemoryVault, lambda: KeyringVault(InMemory())], ids=["memory", "keyring"])
class TestEveryVault:
    """What holds for each kind of vault."""

    def test_what_is_put_is_there_until_it_is_forgotten(self, make: Callable[[], Vault]) -> None:
        vault = make()
        assert vault.get("s", Kind.PASSWORD) is None
        vault.put("s", Kind.PASSWORD, SECRET)
        assert vault.get("s", Kind.PASSWORD) == SECRET
        vault.forget("s", Kind.PASSWORD)
        assert vault.get("s", Kind.PASSWORD) is None

    def test_the_last_one_counts(self, make: Callable[[], Vault]) -> None:
        vault = make()
        vault.put("s", Kind.API_KEY, Secret("old"))
        vault.put("s", Kind.API_KEY, Secret("new"))
        assert vault.get("s", Kind.API_KEY) == Secret("new")

    def test_servers_and_kinds_do_not_mix(self, make: Callable[[], Vault]) -> None:
        vault = make()
        for server in ("one", "two"):
            for kind in Kind:
                vault.put(server, kind, Secret(f"{server} {kind.value}"))
        vault.forget("one", Kind.PASSWORD)
        for server in ("one", "two"):
            for kind in Kind:
                gone = server == "one" and kind is Kind.PASSWORD
                assert vault.get(server, kind) == (None if gone else Secret(f"{server} {kind.value}"))

    def test_forgetting_what_is_not_there_is_fine(self, make: Callable[[], Vault]) -> None:
        vault = make()
        vault.forget("nobody", Kind.SESSION_TOKEN)
        assert vault.get("nobody", Kind.SESSION_TOKEN) is None

    def test_it_shows_nothing_of_itself(self, make: Callable[[], Vault]) -> None:
        vault = make()
        vault.put("s", Kind.PASSWORD, SECRET)
        assert "hunter2" not in repr(vault) + str(vars(vault))


@given(st.text(), st.text(), st.sampled_from(Kind))
def test_any_text_is_kept_as_it_is(server: str, text: str, kind: Kind) -> None:
    for vault in (MemoryVault(), KeyringVault(InMemory())):
        vault.put(server, kind, Secret(text))
        assert vault.get(server, kind) == Secret(text)


def test_only_the_keyring_lasts() -> None:
    assert KeyringVault(InMemory()).lasting
    assert not MemoryVault().lasting


def test_entries_in_the_keyring_can_be_told_by_a_person() -> None:
    backend = InMemory()
    KeyringVault(backend).put("abc", Kind.API_KEY, SECRET)
    assert backend.kept == {("technician-console abc", "API key"): "hunter2"}


@pytest.mark.parametrize("call", ["get", "put", "forget"])
@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (keyring.errors.KeyringLocked("hunter2"), VaultLocked),
        (keyring.errors.InitError("hunter2"), NoVault),
        (keyring.errors.NoKeyringError("hunter2"), NoVault),
        (keyring.errors.PasswordSetError("hunter2"), VaultFailed),
        (RuntimeError("hunter2"), VaultFailed),
        (UnicodeEncodeError("ascii", "hunter2", 0, 1, "no"), VaultFailed),
        (OSError(5, "hunter2"), VaultFailed),
    ],
)
def test_an_error_of_the_keyring_is_worded_without_its_values(
    call: str, error: Exception, problem: type[VaultProblem]
) -> None:
    backend = InMemory()
    backend.error = error
    vault = KeyringVault(backend)
    calls: dict[str, Callable[[], object]] = {
        "get": lambda: vault.get("s", Kind.PASSWORD),
        "put": lambda: vault.put("s", Kind.PASSWORD, SECRET),
        "forget": lambda: vault.forget("s", Kind.PASSWORD),
    }
    with pytest.raises(problem) as caught:
        calls[call]()
    assert "hunter2" not in caught.value.report()
    assert type(error).__name__ in caught.value.detail
    assert "for this run only" in caught.value.advice
    assert caught.value.__suppress_context__


class TestOpening:
    @pytest.fixture
    def found(self, monkeypatch: pytest.MonkeyPatch) -> list[type[InMemory]]:
        """The classes of back ends that the library finds on this computer."""
        classes: list[type[InMemory]] = []
        monkeypatch.setattr(keyring.backend.KeyringBackend, "get_viable_backends", lambda: iter(classes))
        return classes

    @pytest.mark.parametrize(
        "module",
        [
            "keyring.backends.fail",
            "keyring.backends.null",
            "keyring.backends.chainer",
            "keyrings.alt.file",
            "keyrings.cryptfile.cryptfile",
            "keyring.backends.SecretServices",
            "anything.else",
        ],
    )
    def test_what_is_not_the_system_s_is_not_used(self, module: str, found: list[type[InMemory]]) -> None:
        found.append(backend_class(module, 99))
        with pytest.raises(NoVault):
            open_vault()

    @pytest.mark.parametrize("module", ["SecretService", "kwallet", "Windows", "macOS"])
    def test_the_system_s_is(self, module: str, found: list[type[InMemory]]) -> None:
        found += [backend_class("keyrings.alt.file", 99), backend_class(f"keyring.backends.{module}")]
        vault = open_vault()
        vault.put("s", Kind.PASSWORD, SECRET)
        assert vault.get("s", Kind.PASSWORD) == SECRET

    def test_the_better_one_of_two_is(self, found: list[type[InMemory]]) -> None:
        class Better(InMemory):
            priority = 5

            def get_password(self, service: str, username: str) -> str | None:
                return "from the better one"

        Better.__module__ = "keyring.backends.SecretService"
        found += [backend_class("keyring.backends.kwallet", 4.9), Better, backend_class("keyring.backends.kwallet", 1)]
        assert open_vault().get("s", Kind.PASSWORD) == Secret("from the better one")

    def test_without_any_it_says_so(self, found: list[type[InMemory]]) -> None:
        with pytest.raises(NoVault) as caught:
            open_vault()
        assert found == []
        assert "No keyring" in caught.value.what

    def test_a_library_that_fails_is_a_problem_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken() -> None:
            raise RuntimeError("no D-Bus")

        monkeypatch.setattr(keyring.backend.KeyringBackend, "get_viable_backends", broken)
        with pytest.raises(VaultFailed):
            open_vault()

    def test_the_environment_cannot_name_one(
        self, found: list[type[InMemory]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        with pytest.raises(NoVault):
            open_vault()
