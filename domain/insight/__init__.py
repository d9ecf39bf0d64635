"""What the ledger amounts to: aging and balances as of any day. Reads all of the domain; nothing in the domain reads it."""
