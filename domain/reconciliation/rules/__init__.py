"""PURE rules of reconciliations."""
