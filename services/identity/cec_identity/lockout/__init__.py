"""What failed sign-ins cost: a proof of work first, then waits that double, for a name, an address and everybody."""
