"""Signing in to a server, step by step, inside the window."""
