"""PURE: what providers post about messages, and the answers they expect."""
