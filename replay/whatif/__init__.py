"""What if, for one creator."""
