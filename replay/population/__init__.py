"""Many creators at once, with the very same fold, compiled."""
