"""Which keys a session takes from Windows: decided from what the low-level keyboard hook tells, one key at a time.

Virtual key codes and flags as in Microsoft's winuser.h (KBDLLHOOKSTRUCT). Ctrl+Alt+Del never comes to a hook; Win+L
does, but Windows locks all the same.
"""

from collections.abc import Iterable

import msgspec

TAB, ESCAPE, SPACE, SNAPSHOT, F4, LETTER_L = 0x09, 0x1B, 0x20, 0x2C, 0x73, 0x4C
LEFT_WIN, RIGHT_WIN = 0x5B, 0x5C
SHIFTS, CONTROLS, ALTS, WINS = {0x10, 0xA0, 0xA1}, {0x11, 0xA2, 0xA3}, {0x12, 0xA4, 0xA5}, {LEFT_WIN, RIGHT_WIN}
MODIFIERS = frozenset(SHIFTS | CONTROLS | ALTS | WINS)
FLAG_EXTENDED, FLAG_INJECTED = 0x01, 0x10


class HookKey(msgspec.Struct, frozen=True):
    """A key as the hook tells it. `scan_code` has 0x100 for an extended key, as Qt's native scan codes."""

    virtual_key: int
    scan_code: int
    down: bool
    injected: bool = False


class TakenKey(msgspec.Struct, frozen=True):
    """A key that goes to the session instead of to Windows, with the modifiers held."""

    key: HookKey
    shift: bool = False
    control: bool = False
    alt: bool = False
    win: bool = False
    repeated: bool = False


class WindowsKeys:
    """Follows the keyboard while a session has it. `held` are the modifiers that are down at its start."""

    def __init__(self, held: Iterable[int] = ()) -> None:
        self._modifiers = set(held) & (MODIFIERS - WINS)
        self._taken: dict[int, HookKey] = {}

    def decide(self, key: HookKey) -> tuple[bool, list[TakenKey]]:
        """Whether Windows must not see the key, and what the session gets."""
        if key.injected:  # another program types: it means this computer
            return False, []
        number = key.virtual_key
        if not key.down:
            self._modifiers.discard(number)
            before = self._taken.pop(number, None)
            return before is not None, [self._told(key)] if before is not None else []
        if number in WINS or (number not in MODIFIERS and self._wanted(number)):
            repeated = number in self._taken
            self._taken[number] = key
            return True, [self._told(key, repeated)]
        if number in MODIFIERS:
            self._modifiers.add(number)
        if number == LETTER_L and self._win:
            return False, self.let_go()  # the releases will go to the locked screen
        return False, []

    def let_go(self) -> list[TakenKey]:
        """The releases of what the session still holds."""
        held = [HookKey(key.virtual_key, key.scan_code, False) for key in reversed(self._taken.values())]
        self._taken.clear()
        return [self._told(key) for key in held]

    @property
    def _win(self) -> bool:
        return not WINS.isdisjoint(self._taken)

    def _wanted(self, number: int) -> bool:
        alt = not ALTS.isdisjoint(self._modifiers)
        control = not CONTROLS.isdisjoint(self._modifiers)
        return (
            (self._win and number != LETTER_L)
            or number == SNAPSHOT
            or (alt and number in (TAB, ESCAPE, SPACE, F4))
            or (control and number == ESCAPE)
        )

    def _told(self, key: HookKey, repeated: bool = False) -> TakenKey:
        held = self._modifiers
        return TakenKey(
            key,
            shift=not SHIFTS.isdisjoint(held),
            control=not CONTROLS.isdisjoint(held),
            alt=not ALTS.isdisjoint(held),
            win=self._win,
            repeated=repeated,
        )
