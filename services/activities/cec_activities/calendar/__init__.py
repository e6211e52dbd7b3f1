"""The calendar 行事曆 of a unit: the first days of what it has applied for, as a feed and as red dates."""
