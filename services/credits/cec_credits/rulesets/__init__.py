"""Rule sets 規則版本 as data: one readable file per version, checked when loaded, never changed once published."""
