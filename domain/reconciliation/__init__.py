"""The customer's own list of open items against ours, line by line, and what is done about the differences."""
