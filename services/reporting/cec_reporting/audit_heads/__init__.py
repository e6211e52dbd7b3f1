"""Heads 鏈末端 of the audit chains of all services, kept where their own databases cannot reach."""
