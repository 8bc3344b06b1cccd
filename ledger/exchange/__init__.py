"""How facts come and go: files in, files out, and what is said of them."""
