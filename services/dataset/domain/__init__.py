"""The nouns of the dataset domain and their rules."""
