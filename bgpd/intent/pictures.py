"""The sessions of a whole cluster as rows of a table and as a Graphviz graph."""

from collections.abc import Iterable, Iterator

from bgpd.intent.model import DEFAULT_PORT, Intent, SessionIntent
from records import field, record
from wire import format_address

ROW_HEADINGS = ("NODE", "SESSION", "TYPE", "PEER", "PEER NODE", "PEER AS", "LOCAL AS", "FLAGS")


def topology_rows(intents: Iterable[Intent]) -> list[tuple[str, ...]]:
    """Return one row per session under `ROW_HEADINGS`, by node and session."""
    return [_row(intent, session) for intent in intents for session in intent.sessions]


def _row(intent: Intent, session: SessionIntent) -> tuple[str, ...]:
    peer = (
        session.peer_ip
        if session.peer_port == DEFAULT_PORT
        else f"{session.peer_ip} port {session.peer_port}"
    )
    return (
        intent.node,
        session.name,
        session.type.value,
        peer,
        session.peer_node or "-",
        str(session.peer_as),
        str(session.local_as),
        ",".join(_flags(session)) or "-",
    )


def _flags(session: SessionIntent) -> Iterator[str]:
    if session.passive:
        yield "passive"
    if session.rr_client:
        yield "rr-client"
    if session.password is not None:
        yield "password"
    if not session.enabled:
        yield "off"


@record(frozen=False, eq=False, slots=False)
class _Graph:
    vertices: dict[str, str] = field(default_factory=dict)
    edges: dict[tuple[str, str], str] = field(default_factory=dict)


def topology_dot(intents: Iterable[Intent]) -> str:
    """Return the cluster as a graph for Graphviz' dot: nodes, reflectors, outside peers, one edge per pair.

    An arrow leads from a route reflector to its client; a dashed edge leaves the AS.
    """
    graph = _Graph()
    for intent in intents:
        graph.vertices[intent.node] = _node_attributes(intent)
    for intent in intents:
        for session in intent.sessions:
            _add_edge(graph, intent, session)
    lines = [f"  {_quoted(name)} [{attributes}];" for name, attributes in graph.vertices.items()]
    lines += [
        f"  {_quoted(one)} -> {_quoted(other)} [{attributes}];"
        for (one, other), attributes in graph.edges.items()
    ]
    return "\n".join(["digraph bgp {", "  node [shape=box];", *lines, "}", ""])


def _node_attributes(intent: Intent) -> str:
    label = f"{intent.node}\\nAS {intent.local_as}"
    if intent.cluster_id is None:
        return f'label="{label}"'
    return f'label="{label}\\ncluster {format_address(intent.cluster_id)}", peripheries=2'


def _add_edge(graph: _Graph, intent: Intent, session: SessionIntent) -> None:
    other = session.peer_node
    if other not in graph.vertices:
        other = session.peer_ip
        graph.vertices.setdefault(other, f'label="{other}\\nAS {session.peer_as}", style=rounded')
    one = intent.node
    if session.rr_client:  # the reflector's side knows best and replaces what the client's side drew
        graph.edges.pop((other, one), None)
        graph.edges[one, other] = ""
    elif (other, one) not in graph.edges and (one, other) not in graph.edges:
        graph.edges[one, other] = "dir=none" if session.is_ibgp else "dir=none, style=dashed"


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
