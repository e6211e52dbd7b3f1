"""Group activities 團體類活動 with their courses and lecturers: one aggregate, from draft to result."""
