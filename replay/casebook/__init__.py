"""Cases beside rulebooks: facts in rows, what they come to in the last columns."""
