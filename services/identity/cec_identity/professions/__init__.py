"""Professions that another system looks after, such as nurses since 2016-08-15 (nmcec)."""
