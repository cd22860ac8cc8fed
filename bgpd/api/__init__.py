"""HTTP over the Unix socket, event stream, Prometheus metrics, health."""
