"""bgpctl."""
