"""The nouns of the app domain."""
