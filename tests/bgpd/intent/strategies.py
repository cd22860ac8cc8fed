"""Random clusters: few names and addresses, so that resources meet and collide."""

from typing import Any

from hypothesis import strategies as st

from bgpd.resources import ResourceError, Snapshot, parse_resource

from .support import Document, block, configuration, node, peer, pool, resource, secret, snapshot

NAMES = ("n1", "n2", "n3", "n4")
ADDRESSES = ("10.0.0.1", "10.0.0.2", "10.0.0.3/24", "10.0.0.10/24", "10.0.1.4")
ADDRESSES_V6 = ("fd00::1", "fd00::2/64", "fd00::10")
SELECTORS = ("all()", "rack == 'a'", "rack == 'b'", "!has(rack)", "has(rr)", "rack == 'nowhere'")
AS_NUMBERS = (64512, 64513, "1.10", 4294967295)
CLUSTER_IDS = ("244.0.0.1", "244.0.0.2")


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def filled(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """Documents with those of the fields that are not None."""
    return st.fixed_dictionaries(fields).map(
        lambda spec: {key: value for key, value in spec.items() if value is not None}
    )


labels = filled(rack=optional(st.sampled_from(["a", "b"])), rr=optional(st.just("true")))
bgp = filled(
    ipv4Address=optional(st.sampled_from(ADDRESSES)),
    ipv6Address=optional(st.sampled_from(ADDRESSES_V6)),
    asNumber=optional(st.sampled_from(AS_NUMBERS)),
    routeReflectorClusterID=optional(st.sampled_from(CLUSTER_IDS)),
)
password = st.fixed_dictionaries(
    {
        "secretKeyRef": st.fixed_dictionaries(
            {"name": st.just("bgp"), "key": st.sampled_from(["a", "missing"])}
        )
    }
)
common = {
    "nodeSelector": optional(st.sampled_from(SELECTORS)),
    "password": optional(password),
    "maxRestartTime": optional(st.sampled_from(["0s", "30s", "5000s", "-3s"])),
    "keepaliveTime": optional(st.sampled_from(["0s", "20s"])),
    "sourceAddress": optional(st.sampled_from(["UseNodeIP", "None"])),
    "nextHopMode": optional(st.sampled_from(["Auto", "Self", "Keep"])),
    "ttlSecurity": optional(st.integers(0, 255)),
    "filters": optional(st.lists(st.sampled_from(["f1", "f2", "gone"]), max_size=2)),
    "localASNumber": optional(st.sampled_from(AS_NUMBERS)),
    "reversePeering": optional(st.sampled_from(["Auto", "Manual"])),
}
addressed = filled(
    peerIP=st.sampled_from(
        [
            "10.0.0.1",
            "10.0.0.2:179",
            "10.0.0.3:1790",
            "fd00::1",
            "[fd00::2]:1790",
            "fe80::1",
            "192.0.2.1",
            "::",
        ]
    ),
    asNumber=optional(st.sampled_from((0, *AS_NUMBERS))),
    reachableBy=optional(st.sampled_from(["10.0.0.254", "fd00::fe"])),
    numAllowedLocalASNumbers=optional(st.integers(-1, 3)),
    **common,
)
selected = filled(peerSelector=st.sampled_from(SELECTORS), **common)
workload = filled(
    localWorkloadSelector=st.just("all()"), asNumber=st.just(64600), nodeSelector=common["nodeSelector"]
)
communities = st.sampled_from(["65000:1", "1:2:3", "4294967295:0:1", "65536:1", "blue"])
operations = (
    communities.map(lambda value: {"addCommunity": {"value": value}})
    | st.sampled_from(AS_NUMBERS).map(lambda number: {"prependASPath": {"prefix": [number]}})
    | st.just({"setPriority": {"value": 512}})
)
rules = st.lists(
    filled(
        action=st.sampled_from(["Accept", "Reject"]),
        cidr=st.just("10.1.0.0/16"),
        matchOperator=st.sampled_from(["Equal", "NotEqual", "In", "NotIn"]),
        prefixLength=optional(filled(min=optional(st.integers(0, 32)), max=optional(st.integers(0, 32)))),
        peerType=optional(st.sampled_from(["iBGP", "eBGP"])),
        interface=optional(st.sampled_from(["eth0", "*", "cali*"])),
        priority=optional(st.integers(1, 2147483646)),
        source=optional(st.just("RemotePeers")),
        communities=optional(communities.map(lambda value: {"values": [value]})),
        asPathPrefix=optional(st.lists(st.sampled_from(AS_NUMBERS), max_size=2)),
        operations=optional(st.lists(operations, max_size=2)),
    ),
    max_size=3,
)
settings = filled(
    nodeToNodeMeshEnabled=optional(st.booleans()),
    asNumber=optional(st.sampled_from(AS_NUMBERS)),
    listenPort=optional(st.sampled_from([0, 179, 1790])),
    bindMode=optional(st.sampled_from(["None", "NodeIP"])),
    serviceClusterIPs=optional(st.just([{"cidr": "10.96.0.0/12"}, {}])),
    serviceExternalIPs=optional(st.just([{"cidr": "203.0.113.7/32"}])),
    prefixAdvertisements=optional(st.just([{"cidr": "10.1.0.0/16", "communities": ["65000:1"]}])),
    programClusterRoutes=optional(
        st.sampled_from(["Enabled", "Disabled", "EnabledIPIPOnly", "EnabledNoEncapOnly"])
    ),
)
pools = filled(
    cidr=st.sampled_from(["10.1.0.0/16", "10.1.0.0/24", "fd01::/64"]),
    ipipMode=optional(st.sampled_from(["Never", "Always", "CrossSubnet"])),
    vxlanMode=optional(st.sampled_from(["Never", "Always", "CrossSubnet"])),
    disableBGPExport=optional(st.booleans()),
)


def _valid(document: Document) -> bool:
    """Only what the datastore lets through is ever compiled."""
    try:
        parse_resource(document)
    except ResourceError:
        return False
    return True


@st.composite
def nodes(draw: st.DrawFn, distinct: bool = False) -> list[Document]:
    """Some nodes; with `distinct` addresses, as a sane cluster has them."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    documents = []
    for number, name in enumerate(names):
        fields = draw(bgp)
        if distinct and "ipv4Address" in fields:
            fields["ipv4Address"] = ADDRESSES[number]
        if distinct and "ipv6Address" in fields:
            fields["ipv6Address"] = f"fd00::{number + 1}"
        document = node(name, labels=draw(labels), **fields)
        documents.append(document)
    return documents


@st.composite
def clusters(draw: st.DrawFn) -> Snapshot:
    """Any set of valid resources."""
    documents = draw(nodes())
    documents += [
        peer(f"p{n}", **spec)
        for n, spec in enumerate(draw(st.lists(addressed | selected | workload, max_size=5)))
    ]
    documents += [
        resource("BGPFilter", name, {"exportV4": draw(rules), "importV4": draw(rules)})
        for name in ("f1", "f2")
    ]
    documents += [
        configuration(name, **draw(settings))
        for name in draw(st.sets(st.sampled_from(["default", "node.n1"])))
    ]
    documents += [pool(f"pool{n}", **spec) for n, spec in enumerate(draw(st.lists(pools, max_size=3)))]
    documents += [block(draw(st.sampled_from(NAMES)), "10.1.0.0/26"), block("n1", "10.1.0.64/32", "")]
    documents.append(secret("bgp", a="password"))
    status = {
        "w": {"ipv4Nets": ["10.1.0.9/32"], "ipv6Nets": [], "bgpPeerName": draw(st.sampled_from(["p0", "p1"]))}
    }
    valid = [document for document in documents if _valid(document)]
    return snapshot(*valid, endpoint_status=status)


@st.composite
def selector_clusters(draw: st.DrawFn) -> Snapshot:
    """Clusters in which nodes peer by mesh and one selector BGPPeer, everybody's address being its own."""
    documents = draw(nodes(distinct=True))
    spec = draw(selected) | {"reversePeering": "Auto"}
    documents.append(peer("p", **spec))
    documents.append(configuration(**draw(settings)))
    documents.append(secret("bgp", a="password"))
    return snapshot(*documents)
