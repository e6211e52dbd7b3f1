"""Sessions as their owner and administrators see them: listed, and ended."""
