"""The ways into MeshCentral."""

from enum import StrEnum


class EntryWay(StrEnum):
    """How a session gets into MeshCentral."""

    LINK = "the RMM's session link"
    OWN = "the technician's own sign-in"
    KEY = "the login key"
