"""Bank statements: read, matched with what is owed, and turned into payments."""
