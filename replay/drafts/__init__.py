"""Drafts of rulebooks: beside the rules in force, and into force."""
