"""The law as plain functions over scalars, rows and one state object."""
