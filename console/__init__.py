"""Technician Console: a desktop console for technicians who work with Tactical RMM."""

__version__ = "0.1.0"
