"""Pure: (all resources, node name) -> what this node should be: sessions, originated routes, policies."""
