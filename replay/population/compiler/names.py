"""What both sides of the compiled law call it."""

ENTRY = "drive"
"""The name under which its root is found."""
