"""Questions to the record: audit, what-if."""
