"""Snapshots out of plain documents, for tests of the intent."""

from collections.abc import Iterable, Mapping
from typing import Any

from bgpd.intent import Intent, SessionIntent, compile_intent
from bgpd.resources import EndpointStatus, Resource, Secret, Snapshot, parse_resource

Document = dict[str, Any]


def snapshot(*documents: Document, endpoint_status: Mapping[str, Document] | None = None) -> Snapshot:
    """What a datastore with these documents gives."""
    tables: dict[str, dict[str, Resource]] = {}
    secrets: dict[str, dict[str, str]] = {}
    for document in documents:
        resource = parse_resource(document)
        if isinstance(resource, Secret):
            secrets[resource.name] = resource.values()
        else:
            tables.setdefault(resource.kind, {})[resource.key] = resource
    return Snapshot(
        resources={kind: dict(sorted(table.items())) for kind, table in tables.items()},
        secrets=secrets,
        endpoint_status={
            name: EndpointStatus.model_validate(status) for name, status in (endpoint_status or {}).items()
        },
    )


def resource(kind: str, name: str, spec: Document | None = None, **metadata: Any) -> Document:
    """One document of Calico's API."""
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": kind,
        "metadata": {"name": name} | metadata,
        "spec": spec or {},
    }


def node(name: str, ipv4: str | None = None, *, labels: Document | None = None, **bgp: Any) -> Document:
    """A Node; `bgp` holds further fields of spec.bgp."""
    fields = ({"ipv4Address": ipv4} if ipv4 else {}) | bgp
    return resource("Node", name, {"bgp": fields} if fields else {}, labels=labels or {})


def peer(name: str, *, annotations: Document | None = None, **spec: Any) -> Document:
    """A BGPPeer."""
    return resource("BGPPeer", name, spec, annotations=annotations or {})


def configuration(name: str = "default", *, annotations: Document | None = None, **spec: Any) -> Document:
    """A BGPConfiguration."""
    return resource("BGPConfiguration", name, spec, annotations=annotations or {})


def pool(name: str, cidr: str, **spec: Any) -> Document:
    """An IPPool."""
    return resource("IPPool", name, {"cidr": cidr} | spec)


def block(node_name: str, cidr: str, state: str = "confirmed", **spec: Any) -> Document:
    """A BlockAffinity."""
    name = f"{node_name}-{cidr.translate(str.maketrans('./:', '---'))}"
    return resource(
        "BlockAffinity", name, {"node": node_name, "cidr": cidr, "state": state, "type": "host"} | spec
    )


def secret(name: str, **values: str) -> Document:
    """A Secret with these values."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}


def compiled(at: str, *documents: Document, **environment: str) -> Intent:
    """The intent of one node of a cluster of these documents."""
    return compile_intent(snapshot(*documents), at, environment)


def by_name(intent: Intent) -> dict[str, SessionIntent]:
    """The sessions of an intent by name."""
    return {session.name: session for session in intent.sessions}


def names(intent: Intent) -> list[str]:
    """The names of an intent's sessions."""
    return [session.name for session in intent.sessions]


def messages(intent: Intent) -> list[str]:
    """What the problems of an intent say."""
    return [problem.message for problem in intent.problems]


def route(net: str, source: str = "static", **fields: Any) -> Document:
    """A route of a policy request."""
    return {"net": net, "source": source} | fields


def requests(session: str | None, direction: str, routes: Iterable[Document]) -> list[Document]:
    """Policy requests for routes of the families their prefixes are of."""
    return [
        {
            "family": "ipv6" if ":" in one["net"] else "ipv4",
            "direction": direction,
            "session": session,
            "route": one,
        }
        for one in routes
    ]
