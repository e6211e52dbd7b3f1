"""Statements 積分統計: what a practitioner's records are worth, what is lost at which step, and whether it suffices."""
