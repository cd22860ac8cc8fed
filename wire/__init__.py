"""BGP messages to and from bytes: pure functions and frozen values; no I/O, no clock, no state."""
