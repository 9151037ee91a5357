"""Which MeshCentral a Tactical RMM comes with."""

_FIRST = (
    ((1, 5, 0), "1.2.0"),
    ((0, 19, 4), "1.1.32"),
    ((0, 18, 0), "1.1.21"),
    ((0, 17, 4), "1.1.20"),
    ((0, 16, 1), "1.1.9"),
)
"""Tactical RMM from this version on, the newest first (MESH_VER in its settings.py, release by release)."""
NEWEST_KNOWN = (1, 5, 1)


def expected_mesh(rmm: str) -> str:
    """The version of MeshCentral that a version of Tactical RMM installs, "" when that is not known."""
    version = numbers(rmm)
    if not version or version > NEWEST_KNOWN:
        return ""
    return next((mesh for first, mesh in _FIRST if version >= first), "")


def numbers(version: str) -> tuple[int, ...]:
    """1.5.1-dev is 1.5.1."""
    parts = version.partition("-")[0].split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()
