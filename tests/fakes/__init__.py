"""Message providers that run in the test's own process, check what they are sent and answer as the real ones do."""
