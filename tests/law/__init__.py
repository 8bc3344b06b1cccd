"""The law as tables: one fact a row, its outcome beside it."""
