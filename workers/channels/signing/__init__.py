"""PURE: how requests to providers are signed, checked against the values that their documentation prints, and texts cut."""
