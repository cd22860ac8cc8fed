"""Draining: the node behaves as if its Node resource asked for a graceful shutdown (RFC 8326)."""

from bgpd.resources import Node, Snapshot

_ANNOTATION = "bgpd.io/graceful-shutdown"


def drained(snapshot: Snapshot, node: str) -> Snapshot:
    """Give the snapshot with the annotation on this node's resource; nothing is written to the datastore."""
    table = snapshot.table(Node)
    own = table.get(node)
    if own is None:
        return snapshot
    annotations = {**(own.metadata.annotations or {}), _ANNOTATION: "true"}
    changed = {**table, node: own.with_metadata(annotations=annotations)}
    return Snapshot(
        resources={**snapshot.resources, own.kind: changed},
        faults=snapshot.faults,
        secrets=snapshot.secrets,
        endpoint_status=snapshot.endpoint_status,
        revision=snapshot.revision,
    )
