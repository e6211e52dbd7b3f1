"""A narrow copy of credits' rule sets 規則版本: which professions they cover, and nothing else."""
