"""Recognition of review units 審查單位之認可: by whom credits are recognised, for which professions and how long."""
