"""The nouns of the train domain and their rules."""
