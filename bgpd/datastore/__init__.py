"""Where resources come from: one protocol (list, watch, write) and its backends."""
