"""Rosters 學員名單: who attended which approved course, in which role."""
