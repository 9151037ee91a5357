"""Amounts of bytes in words, with the decimal units of file managers."""

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def amount(size: float) -> str:
    """ "0 bytes", "12.3 MB", "200 MB": three digits at most."""
    unit = _unit(size)
    return f"{_number(size, unit)} {_UNITS[unit]}"


def of_total(moved: float, total: float) -> str:
    """ "12.3 of 200 MB": both in the unit of the total, which may be unknown (0)."""
    if not total:
        return amount(moved)
    unit = _unit(total)
    return f"{_number(moved, unit)} of {_number(total, unit)} {_UNITS[unit]}"


def _unit(size: float) -> int:
    unit = 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return unit


def _number(size: float, unit: int) -> str:
    """Three digits, and no zeros at the end of a fraction."""
    value = size / 1000**unit
    if unit == 0 or value >= 99.95:
        return f"{value:.0f}"
    text = f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
    return text.rstrip("0").rstrip(".")
