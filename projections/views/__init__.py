"""A replay as JSON and for people."""
