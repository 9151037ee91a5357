"""The files on their way to and from agents."""
