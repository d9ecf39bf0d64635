"""Providers of channels as local servers: they check what they are sent with code of their own, and misbehave on demand."""
