"""Rows and feed in Redis or Valkey."""
