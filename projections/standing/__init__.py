"""One creator's replay: facts in, standing and rulings out."""
