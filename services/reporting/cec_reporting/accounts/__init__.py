"""How many accounts there are, by role and state."""
