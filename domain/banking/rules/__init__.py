"""PURE: what bank files say, and which receivables a line of them settles."""
