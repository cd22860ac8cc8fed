"""HTTP over the Unix socket, event stream, Prometheus metrics, health.

Imports nothing by itself: bgpctl needs only `bgpd.api.client` and must start quickly. The daemon takes
`bgpd.api.view` (what it implements), `bgpd.api.values` (what it answers with), `bgpd.api.documents` (JSON
objects from rib's rows) and `bgpd.api.server`.
"""
