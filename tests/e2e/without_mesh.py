"""An RMM without a MeshCentral behind it, for tests of the list and of what the RMM alone does."""

from typing import cast

from console.demo.mesh_local import LocalMesh
from console.secret import Secret
from tests.e2e.rmm import Rmm


class NoMesh:
    """Where MeshCentral would be, nothing answers."""

    node_hex = "ab" * 48
    site = "https://127.0.0.1:9"
    fingerprint = "00" * 32

    def link_token(self) -> Secret:
        return Secret("nothing@opens$with=this")


def rmm_without_mesh(agents: int = 40) -> Rmm:
    """Use as a context."""
    return Rmm(cast(LocalMesh, NoMesh()), agents)
