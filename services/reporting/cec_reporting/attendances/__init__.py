"""Attendance by profession and county, counted from facts whenever somebody asks."""
