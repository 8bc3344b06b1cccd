"""What a rulebook says, as tables and as prose."""
