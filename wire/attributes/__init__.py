"""Path attributes: the value class, one table of their rules, and the two directions of the wire."""
