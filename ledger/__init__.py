"""What happened, and the law: facts, the log that keeps them, rulebooks."""
