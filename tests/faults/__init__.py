"""Faults of read models: what breaks, and whether anything is lost, doubled or wrong afterwards."""
