"""The nouns of the deploy domain and their rules."""
