"""Anything by a few letters: agents, clients, views and actions."""
