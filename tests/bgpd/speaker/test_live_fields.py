"""Every field that matters, changed while sessions run: its effect, and that no other session is touched."""

import copy

import pytest
import pytest_asyncio

from bgpd.resources import EndpointStatus
from tests.bgpd.speaker.cluster import until
from tests.bgpd.speaker.live import BALANCERS, DEFAULT, DOCKER, FOREIGN, ONE, OTHER_AS, OUT, SECOND, Live

pytestmark = pytest.mark.asyncio(loop_scope="module")

BLOCKS = {name: f"10.244.{name[1:]}.0/26" for name in ("n1", "n2", "n3")}
HIGHEST = 2147483647
GRACEFUL_SHUTDOWN = "65535:0"
N1 = ("Node", "n1")
POOL = ("IPPool", "pool")
N1_N2, N1_N3 = ("n1", "n2"), ("n1", "n3")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def live():
    cluster = Live()
    try:
        await cluster.up()
        yield cluster
    finally:
        await cluster.close()


def configure(**spec):
    return lambda live: live.set(DEFAULT, **spec)


def peer(resource=ONE, **spec):
    return lambda live: live.set(resource, **spec)


def annotate(resource, **annotations):
    return lambda live: live.annotate(resource, **annotations)


def filtered(**spec):
    """Give the BGPPeer `one` a filter of these rules."""

    def change(live):
        live.put("BGPFilter", "f", **spec)
        live.set(ONE, filters=["f"])

    return change


def advertised(prefix, at="n2", source="n1"):
    return lambda live: live.row(at, prefix, source) is not None


def withdrawn(prefix, at="n2", source="n1"):
    return lambda live: live.row(at, prefix, source) is None


def rejected(prefix, at="n2", source="n1"):
    return lambda live: (row := live.row(at, prefix, source)) is not None and row.rejected is not None


def carries(name, value, at="n2", source="n1"):
    """The block of `source` has this attribute at another node."""

    def proof(live):
        found = live.told(at, BLOCKS[source], source).get(name)
        return value in found if isinstance(found, list) and not isinstance(value, list) else found == value

    return proof


def parameter(name, value, at="n1", other="n2"):
    """The running session of two nodes goes by this value."""
    return lambda live: getattr(live.peer(at, other).session.parameters, name) == value


def not_installed(prefix, at="n1"):
    return lambda live: live.kernels[at].route(prefix) is None


def own_advertisements(live):
    entry = {"cidr": BLOCKS["n1"], "communities": ["65000:9"]}
    live.put("BGPConfiguration", "node.n1", prefixAdvertisements=[entry])


ADVERTISE = {
    "communities": [{"name": "blue", "value": "65000:7"}],
    "prefixAdvertisements": [{"cidr": "10.244.1.0/24", "communities": ["blue", "65000:1:2"]}],
}
CONFIGURATION = {
    "communities": (configure(**ADVERTISE), carries("communities", "65000:7")),
    "large communities": (configure(**ADVERTISE), carries("large_communities", "65000:1:2")),
    "prefixAdvertisements of a node": (own_advertisements, carries("communities", "65000:9")),
    "serviceClusterIPs": (
        configure(serviceClusterIPs=[{"cidr": "10.96.0.0/12"}]),
        advertised("10.96.0.0/12"),
    ),
    "serviceExternalIPs": (
        configure(serviceExternalIPs=[{"cidr": "203.0.113.0/24"}]),
        advertised("203.0.113.0/24"),
    ),
    "serviceLoadBalancerIPs": (configure(serviceLoadBalancerIPs=[]), withdrawn(BALANCERS)),
    "serviceLoadBalancerAggregation": (
        configure(serviceLoadBalancerAggregation="Disabled"),
        withdrawn(BALANCERS),
    ),
    "ignoredInterfaces": (configure(ignoredInterfaces=["docker*"]), withdrawn(DOCKER)),
    "programClusterRoutes": (configure(programClusterRoutes="Disabled"), not_installed(BLOCKS["n2"])),
    "ipv4NormalRoutePriority": (
        configure(ipv4NormalRoutePriority=512),
        carries("local_pref", HIGHEST - 512),
    ),
}


@pytest.mark.parametrize("field", CONFIGURATION)
async def test_configuration(live, field):
    await live.try_out(*CONFIGURATION[field])


async def test_restart_time_of_the_mesh_is_told_in_the_next_open(live):
    def change(live):
        live.set(DEFAULT, nodeMeshMaxRestartTime="77s")
        del live.content[SECOND]

    await live.try_out(change, parameter("graceful_restart_time", 77, "n2", "n3"))


@pytest.mark.parametrize(
    ("field", "value", "parameter_name"),
    [("maxRestartTime", "78s", "graceful_restart_time"), ("keepaliveTime", "9s", "keepalive_time")],
)
async def test_times_of_a_peer_are_taken_up_without_a_reset(live, field, value, parameter_name):
    await live.try_out(peer(**{field: value}), parameter(parameter_name, int(value[:-1])))


def reachable_by(live):
    row = live.row("n1", f"{live.address('n2')}/32", "n1")
    return row is not None and row.protocol == "static"


ACCEPT = {"action": "Accept"}
PEER = {
    "nextHopMode Self": (
        peer(nextHopMode="Self"),
        lambda live: live.next_hop("n2", BLOCKS["n3"], "n1", "n1"),
    ),
    "nextHopMode Keep": (
        peer(OUT, nextHopMode="Keep"),
        lambda live: live.next_hop("n3", BLOCKS["n2"], "n1", "n2"),
    ),
    "keepOriginalNextHop": (
        peer(OUT, keepOriginalNextHop=True),
        lambda live: live.next_hop("n3", BLOCKS["n2"], "n1", "n2"),
    ),
    "numAllowedLocalASNumbers": (
        peer(SECOND, numAllowedLocalASNumbers=1),
        lambda live: not rejected(BLOCKS["n1"], source="n3")(live),
    ),
    "reachableBy": (peer(reachableBy="127.1.0.9"), reachable_by),
    "reversePeering": (
        peer(reversePeering="Manual"),
        lambda live: live.members["n2"].speaker.sessions[live.key("n1")].name.startswith("Mesh_"),
    ),
    "filters, exportV4 Reject": (
        filtered(exportV4=[{"action": "Reject", "cidr": BLOCKS["n1"], "matchOperator": "Equal"}]),
        withdrawn(BLOCKS["n1"]),
    ),
    "filters, importV4 Reject": (
        filtered(importV4=[{"action": "Reject", "cidr": BLOCKS["n1"], "matchOperator": "Equal"}]),
        rejected(BLOCKS["n1"]),
    ),
    "filters, addCommunity": (
        filtered(exportV4=[ACCEPT | {"operations": [{"addCommunity": {"value": "65000:5"}}]}]),
        carries("communities", "65000:5"),
    ),
    "filters, setPriority": (
        filtered(importV4=[ACCEPT | {"operations": [{"setPriority": {"value": 100}}]}]),
        carries("local_pref", HIGHEST - 100),
    ),
    "filters, prependASPath": (
        filtered(importV4=[ACCEPT | {"operations": [{"prependASPath": {"prefix": [7, 8]}}]}]),
        carries("as_path", [7, 8]),
    ),
    "graceful-shutdown": (annotate(ONE, graceful_shutdown="true"), carries("communities", GRACEFUL_SHUTDOWN)),
    "passive": (annotate(ONE, passive="true"), parameter("passive", True)),
}


@pytest.mark.parametrize("field", PEER)
async def test_peer(live, field):
    await live.try_out(*PEER[field])


async def test_a_rule_of_a_filter_in_use_is_replaced(live):
    filtered(exportV4=[{"action": "Accept"}])(live)
    live.apply()
    reject = {"action": "Reject", "peerType": "iBGP"}
    await live.try_out(lambda live: live.put("BGPFilter", "f", exportV4=[reject]), withdrawn(BLOCKS["n1"]))
    del live.content["BGPFilter", "f"]
    live.set(ONE, filters=[])
    live.apply()


def local_as(live):
    live.set(OUT, localASNumber=64700)
    live.put("BGPPeer", "back", node="n3", peerIP=live.endpoint("n1"), asNumber=64700)


RESETS = {
    "ttlSecurity": (
        peer(ttlSecurity=1),
        lambda live: live.peer("n1", "n2").transport.ttl_security == 1,
        [N1_N2],
    ),
    "sourceAddress": (
        # Manual: on loopback the kernel chooses 127.0.0.1, so the other end has to connect, from its address.
        peer(sourceAddress="None", reversePeering="Manual"),
        lambda live: live.peer("n1", "n2").transport.source_address is None,
        [N1_N2],
    ),
    "localASNumber": (
        local_as,
        lambda live: (agreed := live.peer("n3", "n1").negotiated) is not None and agreed.peer_as == 64700,
        [N1_N3],
    ),
    "hold-time": (annotate(ONE, hold_time="30s"), parameter("hold_time", 30), [N1_N2]),
    "add-paths": (annotate(ONE, add_paths="false"), parameter("add_path_send", frozenset()), [N1_N2]),
    "role": (annotate(OUT, role="provider"), parameter("role", 3, "n3", "n1"), [N1_N3]),
}


@pytest.mark.parametrize("field", RESETS)
async def test_what_only_a_new_session_can_have_resets_this_one(live, field):
    await live.try_out(*RESETS[field])


def secret(live, password):
    live.content["Secret", "s"] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "stringData": {"key": password},
    }


def with_password(live):
    secret(live, "first")
    live.set(ONE, password={"secretKeyRef": {"name": "s", "key": "key"}})


async def test_password_and_its_secret_reset_this_session_alone(live):
    def proof(password):
        return lambda live: live.peer("n1", "n2").transport.password == password

    with_password(live)
    live.apply()
    await until(lambda: live.settled() and proof("first")(live))
    await live.try_out(lambda live: secret(live, "second"), proof("second"), [N1_N2])
    del live.content[ONE]["spec"]["password"]
    live.apply()
    await until(live.settled)


async def test_password_of_the_mesh_leaves_explicit_peers_alone(live):
    def change(live):
        secret(live, "mesh")
        live.set(DEFAULT, nodeMeshPassword={"secretKeyRef": {"name": "s", "key": "key"}})
        del live.content[SECOND]

    del live.content[SECOND]
    live.apply()
    second = {"node": "n2", "peerIP": live.endpoint("n3"), "asNumber": OTHER_AS}
    live.put(*SECOND, **second)
    await live.try_out(
        change, lambda live: live.peer("n2", "n3").transport.password == "mesh", [("n2", "n3")]
    )


def outsider(**spec):
    return lambda live: live.put("BGPPeer", "outsider", peerIP="127.1.0.77", asNumber=65077, **spec)


def has_outsider(*names):
    def proof(live):
        return {n for n, member in live.members.items() if "127.1.0.77" in member.speaker.peers} == set(names)

    return proof


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (outsider(), ("n1", "n2", "n3")),
        (outsider(node="n2"), ("n2",)),
        (outsider(nodeSelector="!has(spine)"), ("n1", "n2", "n3")),
    ],
    ids=["global", "node", "nodeSelector"],
)
async def test_a_new_peer_is_opened_where_it_is_meant(live, change, names):
    await live.try_out(change, has_outsider(*names))


async def test_labels_of_a_node_decide_about_its_peers(live):
    outsider(nodeSelector="has(spine)")(live)
    live.apply()
    await live.try_out(
        lambda live: live.content[N1]["metadata"].update(labels={"spine": ""}), has_outsider("n1")
    )
    del live.content["BGPPeer", "outsider"]
    live.apply()


async def test_a_workload_gets_its_session_while_felix_says_so(live):
    def change(live):
        live.put("BGPPeer", "vms", localWorkloadSelector="all()", asNumber=65099)
        live.endpoint_status = {
            "w": EndpointStatus.model_validate({"ipv4Nets": ["127.1.0.99/32"], "bgpPeerName": "vms"})
        }

    await live.try_out(change, lambda live: "127.1.0.99" in live.members["n1"].speaker.peers)
    live.endpoint_status = {}


EXCLUDED = {"node.kubernetes.io/exclude-from-external-load-balancers": "true"}


def encrypted(live):
    for name in ("n1", "n2"):
        live.set(("Node", name), wireguard={"interfaceIPv4Address": f"10.9.0.{name[1:]}"})


NODE = {
    "label to exclude from services": (
        lambda live: live.content[N1]["metadata"].update(labels=EXCLUDED),
        withdrawn(BALANCERS),
    ),
    "wireguard": (encrypted, not_installed(BLOCKS["n2"])),
    "graceful-shutdown": (annotate(N1, graceful_shutdown="true"), carries("communities", GRACEFUL_SHUTDOWN)),
}


@pytest.mark.parametrize("field", NODE)
async def test_node(live, field):
    await live.try_out(*NODE[field])


def tunnelled(live):
    live.set(DEFAULT, programClusterRoutes="Enabled")
    live.set(POOL, ipipMode="Always")


def goes_through_tunl0(live):
    route = live.kernels["n1"].route(BLOCKS["n2"])
    return route is not None and [hop.interface for hop in route.next_hops] == ["tunl0"]


def affinity(**spec):
    own = {"node": "n1", "state": "confirmed", "type": "host", "cidr": "10.244.9.0/26"}
    return lambda live: live.put("BlockAffinity", "late", **own | spec)


POOLS_AND_BLOCKS = {
    "cidr": (lambda live: live.put("IPPool", "late", cidr="10.55.0.0/16"), advertised(FOREIGN)),
    "disableBGPExport": (lambda live: live.set(POOL, disableBGPExport=True), withdrawn(BLOCKS["n1"])),
    "vxlanMode": (lambda live: live.set(POOL, vxlanMode="Always"), not_installed(BLOCKS["n2"])),
    "ipipMode": (tunnelled, goes_through_tunl0),
    "ipipMode, Felix' own": (lambda live: live.set(POOL, ipipMode="Always"), not_installed(BLOCKS["n2"])),
    "a new block": (affinity(), advertised("10.244.9.0/26")),
    "a block without a state": (affinity(state=""), advertised("10.244.9.0/26")),
    "state pending": (
        lambda live: live.set(("BlockAffinity", "block-n1"), state="pending"),
        withdrawn(BLOCKS["n1"]),
    ),
    "deleted": (
        lambda live: live.set(("BlockAffinity", "block-n1"), deleted=True),
        withdrawn(BLOCKS["n1"]),
    ),
    "node": (
        lambda live: live.set(("BlockAffinity", "block-n1"), node="n3"),
        lambda live: live.told("n2", BLOCKS["n1"], "n3").get("as_path") == [OTHER_AS],
    ),
}


@pytest.mark.parametrize("field", POOLS_AND_BLOCKS)
async def test_pools_and_blocks(live, field):
    await live.try_out(*POOLS_AND_BLOCKS[field])


def service(live):
    live.content["Service", "web"] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": "10.96.0.7",
            "externalTrafficPolicy": "Local",
            "ipFamilies": ["IPv4"],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": "198.51.100.7"}]}},
    }


def endpoint(node, ready=True):
    def change(live):
        live.content["EndpointSlice", "web"] = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "web",
                "namespace": "shop",
                "labels": {"kubernetes.io/service-name": "web"},
            },
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.244.1.5"], "nodeName": node, "conditions": {"ready": ready}}],
        }

    return change


async def test_a_service_is_announced_where_it_is_served_and_withdrawn_where_it_is_not(live):
    address = "198.51.100.7/32"
    service(live)
    live.apply()
    await live.try_out(endpoint("n1"), advertised(address))
    endpoint("n1")(live)
    live.apply()
    await until(lambda: advertised(address)(live))
    assert live.kernels["n1"].route(address) is None, "kube-proxy's business"
    for change in (endpoint("n1", ready=False), endpoint("n2")):
        await live.try_out(change, withdrawn(address))
    await live.try_out(lambda live: live.content.pop(("EndpointSlice", "web")), withdrawn(address))
    await live.try_out(lambda live: live.content.pop(("Service", "web")), withdrawn(address))
    del live.content["Service", "web"], live.content["EndpointSlice", "web"]
    live.apply()


UNRELATED = {
    "localWorkloadPeeringIPV4": configure(localWorkloadPeeringIPV4="169.254.1.1"),
    "logSeverityScreen": configure(logSeverityScreen="Debug"),
    "natOutgoing": lambda live: live.set(POOL, natOutgoing=True, blockSize=27, nodeSelector="has(x)"),
    "labels": lambda live: live.content[N1]["metadata"].update(labels={"rack": "r9"}),
    "tunnel address": lambda live: live.content[N1]["spec"]["bgp"].update(ipv4IPIPTunnelAddr="10.244.1.1"),
    "addresses": lambda live: live.set(N1, addresses=[{"address": "127.1.0.1", "type": "InternalIP"}]),
    "a filter that nobody names": lambda live: live.put("BGPFilter", "x", exportV4=[{"action": "Reject"}]),
    "another node's pending block": affinity(node="n9", state="pending"),
}


@pytest.mark.parametrize("field", UNRELATED)
async def test_an_unrelated_edit_sends_nothing_and_touches_no_session(live, field):
    content = copy.deepcopy(live.content)
    sent = await live.quiet()
    sessions = live.sessions()
    UNRELATED[field](live)
    live.apply()
    assert await live.quiet() == sent
    assert live.sessions() == sessions
    live.content = content
    live.apply()
