"""Rebuild 全部重建: every standing computed anew from the facts into a new table, while live work goes on; then the switch."""
