"""How many practitioners meet their requirement, by profession and renewal month."""
