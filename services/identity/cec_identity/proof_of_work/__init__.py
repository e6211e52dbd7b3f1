"""What a stranger pays before we do anything for them: a proof of work, and a limit to how often they may try."""
