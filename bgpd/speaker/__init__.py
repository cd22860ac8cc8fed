"""Transport of sessions: connections, listener, TCP options; applies an intent to running sessions."""
