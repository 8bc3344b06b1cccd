"""Where facts are kept: the log, in one SQLite file or in PostgreSQL."""
