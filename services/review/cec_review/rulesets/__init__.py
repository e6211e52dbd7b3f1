"""A narrow copy of credits' rule sets 規則版本: rates by method and role, for suggesting points."""
