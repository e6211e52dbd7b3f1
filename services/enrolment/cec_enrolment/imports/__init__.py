"""Whole rosters from CSV files, with a result for each row."""
