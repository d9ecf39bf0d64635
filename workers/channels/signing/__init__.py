"""PURE: how providers want requests signed and texts cut; functions of what they are given, without clock or network."""
