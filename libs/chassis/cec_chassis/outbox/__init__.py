"""What happened and the news of it are saved together; the relay sends the news afterwards, and keeps it."""
