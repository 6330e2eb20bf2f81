"""The nouns of the eval domain and their rules."""
