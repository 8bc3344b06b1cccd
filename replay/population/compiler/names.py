"""What both sides of the compiled law call it."""

ENTRY = "drive"
"""The name under which its root is found."""
GRID = "drive_grid"
"""The name under which a device's threads all begin."""
