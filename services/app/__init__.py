"""The app domain owns what people use of the platform: knowledge bases, what is found in them, and what is answered from them."""
