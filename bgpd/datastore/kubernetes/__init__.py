"""Kubernetes as the datastore: Calico's resources, Nodes, Services and Secrets (calico-reference.md 13.2, 13.3)."""
