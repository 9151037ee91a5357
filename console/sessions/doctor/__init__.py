"""Finds out why it does not connect: checks of this computer, of the RMM and of MeshCentral, and a report of them."""
