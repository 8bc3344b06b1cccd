"""Rows and feed in SQLite or PostgreSQL."""
