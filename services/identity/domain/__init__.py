"""The nouns of the identity domain and their rules."""
