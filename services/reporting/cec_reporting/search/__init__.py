"""The activity search 活動查詢: what anybody who signs in may attend, and with what points."""
