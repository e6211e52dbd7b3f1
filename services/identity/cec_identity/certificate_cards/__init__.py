"""Certificate cards: a card signs a challenge, and its certificate leads to an authority that we trust."""
