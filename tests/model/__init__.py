"""What holds for every history, tried on random ones."""
