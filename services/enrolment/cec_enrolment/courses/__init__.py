"""The narrow copy of approved courses 核定課程, fed by review."""
