"""What the record means now: the fold, rulings, standings."""
