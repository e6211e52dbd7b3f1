"""Approvals of courses 課程核定: granted with points, changed, withdrawn; never deleted."""
