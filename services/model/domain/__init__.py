"""The nouns of the model domain and their rules."""
