"""Whether a rulebook is sound."""
