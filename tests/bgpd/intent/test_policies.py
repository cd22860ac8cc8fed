"""Export, import and kernel policies, asked through policy_check: the code the daemon runs."""

from typing import Any

import pytest

from bgpd.intent import policy_check

from .support import block, compiled, configuration, node, peer, pool, requests, resource, route

NO_MESH = configuration(nodeToNodeMeshEnabled=False)
HERE = node("n1", "10.0.0.1/24", ipv6Address="fd00::1/64")
OTHER = node("n2", "10.0.0.2/24")
TOR = peer("tor", node="n1", peerIP="192.0.2.1", asNumber=64567)
NORMAL, ELEVATED = 2147482623, 2147483135
MESH, EBGP = "Mesh_10_0_0_2", "Node_192_0_2_1"


def ask(
    session: str | None, direction: str, one: dict[str, Any], *documents: dict[str, Any]
) -> dict[str, Any]:
    intent = compiled("n1", HERE, OTHER, TOR, *documents)
    return policy_check(intent, requests(session, direction, [one]))[0]


def exported(session: str, one: dict[str, Any], *documents: dict[str, Any]) -> tuple[bool, str]:
    answer = ask(session, "export", one, *documents)
    return answer["accept"], answer["rule"]


class TestExport:
    POOL = pool("pods", "10.1.0.0/16")
    BLOCK = block("n1", "10.1.0.0/26")

    def test_own_block_leaves_with_normal_priority(self) -> None:
        answer = ask(MESH, "export", route("10.1.0.0/26"), self.POOL, self.BLOCK)
        assert answer == {
            "accept": True,
            "rule": "block 10.1.0.0/26",
            "changes": {"metric": 1024, "local_pref": NORMAL},
        }

    def test_towards_another_as_with_ours_in_front(self) -> None:
        assert ask(EBGP, "export", route("10.1.0.0/26"), self.POOL, self.BLOCK)["changes"]["as_path"] == [
            64512
        ]

    @pytest.mark.parametrize(
        ("one", "expected"),
        [
            (
                route("10.1.0.5/32", "inherit", metric=1024, ifname="cali1"),
                (False, "block 10.1.0.0/26 aggregation"),
            ),
            (
                route("10.1.0.5/32", "inherit", metric=512, ifname="cali1"),
                (True, "block 10.1.0.0/26 elevated"),
            ),
            (route("10.1.0.5/32", "inherit", ifname="cali1"), (False, "block 10.1.0.0/26 aggregation")),
            (route("10.1.7.5/32", "inherit", metric=1024, ifname="cali1"), (True, "IPPool/pods")),
            (route("10.9.0.0/16", "inherit", metric=1024), (False, "default")),
            (route("0.0.0.0/0", "inherit", metric=0), (False, "default")),
            (route("10.1.9.0/26", "bgp", local_pref=NORMAL, next_hop="10.0.0.3"), (True, "IPPool/pods")),
        ],
        ids=["inside block", "migrating", "no metric", "borrowed", "foreign", "default route", "reflected"],
    )
    def test_by_rule(self, one: dict[str, Any], expected: tuple[bool, str]) -> None:
        assert exported(MESH, one, self.POOL, self.BLOCK) == expected

    def test_a_metric_of_zero_is_the_highest_priority(self) -> None:
        answer = ask(MESH, "export", route("10.1.7.5/32", "inherit", metric=0), self.POOL)
        assert answer["changes"]["local_pref"] == 2147483647

    def test_a_single_address_block_is_aggregated_without_a_route(self) -> None:
        assert exported(MESH, route("10.1.0.1/32"), block("n1", "10.1.0.1/32")) == (True, "block 10.1.0.1/32")

    @pytest.mark.parametrize("session", [MESH, EBGP])
    def test_disable_bgp_export_comes_before_all(self, session: str) -> None:
        closed = pool("pods", "10.1.0.0/16", disableBGPExport=True)
        expected = (False, "IPPool/pods disableBGPExport")
        assert exported(session, route("10.1.0.0/26"), closed, self.BLOCK) == expected

    @pytest.mark.parametrize(
        ("interface", "internal", "external"),
        [
            ("vxlan.calico", False, True),
            ("wireguard.cali", False, True),
            ("tunl0", False, True),
            ("bpfin.cali", False, False),
            ("eth0", True, True),
        ],
    )
    def test_tunnels(self, interface: str, internal: bool, external: bool) -> None:
        one = route("10.1.9.0/26", "inherit", metric=1024, ifname=interface)
        assert exported(MESH, one, self.POOL)[0] is internal
        assert exported(EBGP, one, self.POOL)[0] is external

    @pytest.mark.parametrize(
        ("value", "exported_over_tunl0"),
        [("Enabled", True), ("EnabledIPIPOnly", True), ("EnabledNoEncapOnly", False), ("Disabled", False)],
    )
    def test_tunl0_is_ours_when_we_program_ipip(self, value: str, exported_over_tunl0: bool) -> None:
        one = route("10.1.9.0/26", "inherit", metric=1024, ifname="tunl0")
        settings = configuration(programClusterRoutes=value)
        assert exported(MESH, one, self.POOL, settings)[0] is exported_over_tunl0

    def test_services_and_what_is_inside_of_them(self) -> None:
        settings = configuration(serviceClusterIPs=[{"cidr": "10.96.0.0/12"}])
        assert exported(MESH, route("10.96.0.0/12"), settings) == (True, "service 10.96.0.0/12")
        assert exported(MESH, route("10.96.0.7/32"), settings) == (True, "service 10.96.0.0/12")

    def test_a_reflector_passes_on_other_nodes_services(self) -> None:
        settings = configuration(
            serviceExternalIPs=[{"cidr": "203.0.113.7/32"}],
            serviceLoadBalancerIPs=[{"cidr": "198.51.100.0/24"}],
        )
        reflector = node("n1", "10.0.0.1", routeReflectorClusterID="244.0.0.1")
        learned = route("203.0.113.7/32", "bgp", local_pref=NORMAL, next_hop="10.0.0.3")
        plain = compiled("n1", HERE, TOR, settings)
        reflecting = compiled("n1", reflector, TOR, settings)
        asked = requests(EBGP, "export", [learned])
        assert policy_check(plain, asked)[0]["accept"] is False
        assert policy_check(reflecting, asked)[0]["rule"] == "reflected service 203.0.113.7/32"

    def test_communities_are_added_without_deciding(self) -> None:
        settings = configuration(
            prefixAdvertisements=[
                {"cidr": "10.1.0.0/16", "communities": ["65000:1", "65000:1:2"]},
                {"cidr": "10.9.0.0/16", "communities": ["65000:9"]},
            ]
        )
        changes = ask(MESH, "export", route("10.1.0.0/26"), self.POOL, self.BLOCK, settings)["changes"]
        assert (changes["communities"], changes["large_communities"]) == ([[65000, 1]], [[65000, 1, 2]])
        assert exported(MESH, route("10.9.0.0/26"), self.POOL, settings)[0] is False

    def test_normal_priority_is_configurable(self) -> None:
        settings = configuration(ipv4NormalRoutePriority=2000)
        answer = ask(MESH, "export", route("10.1.0.0/26"), self.POOL, self.BLOCK, settings)
        assert answer["changes"] == {"metric": 2000, "local_pref": 2147483647 - 2000}
        migrating = route("10.1.0.5/32", "inherit", metric=1024)
        assert exported(MESH, migrating, self.POOL, self.BLOCK, settings)[0] is True

    def test_pools_that_are_disabled_or_for_load_balancers_count(self) -> None:
        disabled = pool("off", "10.8.0.0/16", disabled=True)
        balancer = pool("lb", "10.7.0.0/16", allowedUses=["LoadBalancer"])
        assert exported(MESH, route("10.8.0.0/26"), disabled) == (True, "IPPool/off")
        assert exported(MESH, route("10.7.0.0/26"), balancer) == (True, "IPPool/lb")

    def test_ipv6(self) -> None:
        v6 = peer("v6", node="n1", peerIP="2001:db8::1", asNumber=1)
        answer = ask(
            "Node_2001_db8__1",
            "export",
            route("fd00:1::/122"),
            pool("p6", "fd00:1::/64"),
            block("n1", "fd00:1::/122"),
            v6,
        )
        assert answer["rule"] == "block fd00:1::/122"


class TestImport:
    @pytest.mark.parametrize(
        ("local_pref", "changes"),
        [(100, {}), (NORMAL, {}), (NORMAL + 1, {"preference": 200}), (ELEVATED, {"preference": 200})],
    )
    def test_everything_comes_in_and_elevated_routes_are_preferred(
        self, local_pref: int, changes: dict[str, int]
    ) -> None:
        one = route("10.9.0.0/16", "bgp", local_pref=local_pref, next_hop="10.0.0.2")
        answer = ask(MESH, "import", one)
        assert (answer["accept"], answer["changes"]) == (True, changes)

    def test_a_route_without_local_pref_counts_as_100(self) -> None:
        assert ask(EBGP, "import", route("10.9.0.0/16", "bgp"))["changes"] == {}


class TestKernel:
    def kernel(self, one: dict[str, Any], *documents: dict[str, Any]) -> dict[str, Any]:
        return ask(None, "kernel", one, *documents)

    @pytest.mark.parametrize(
        ("local_pref", "changes"),
        [
            (NORMAL, {"metric": 1024}),
            (ELEVATED, {"metric": 512, "preference": 200}),
            (100, {"metric": 2147483547}),
        ],
    )
    def test_metric_follows_from_local_pref(self, local_pref: int, changes: dict[str, int]) -> None:
        one = route("10.9.0.0/16", "bgp", local_pref=local_pref, next_hop="10.0.0.2")
        assert self.kernel(one) == {"accept": True, "rule": "default", "changes": changes}

    def test_service_ranges_stay_out_single_addresses_do_not(self) -> None:
        settings = configuration(
            serviceClusterIPs=[{"cidr": "10.96.0.0/12"}], serviceExternalIPs=[{"cidr": "203.0.113.7/32"}]
        )
        assert self.kernel(route("10.96.0.0/12"), settings)["rule"] == "service range 10.96.0.0/12"
        assert self.kernel(route("10.96.0.7/32"), settings)["accept"] is False
        assert self.kernel(route("203.0.113.7/32"), settings)["accept"] is True

    IPIP = pool("ipip", "10.1.0.0/16", ipipMode="Always")
    CROSS = pool("cross", "10.2.0.0/16", ipipMode="CrossSubnet")
    VXLAN = pool("vxlan", "10.3.0.0/16", vxlanMode="CrossSubnet")
    PLAIN = pool("plain", "10.4.0.0/16")

    @pytest.mark.parametrize(
        ("value", "net", "next_hop", "accept", "tunnel"),
        [
            ("Enabled", "10.1.0.0/26", "10.0.0.2", True, "tunl0"),
            ("Enabled", "10.2.0.0/26", "10.0.0.2", True, ""),
            ("Enabled", "10.2.0.0/26", "10.0.1.2", True, "tunl0"),
            ("Enabled", "10.3.0.0/26", "10.0.0.2", False, None),
            ("Enabled", "10.4.0.0/26", "10.0.0.2", True, None),
            ("EnabledIPIPOnly", "10.1.0.0/26", "10.0.0.2", True, "tunl0"),
            ("EnabledIPIPOnly", "10.4.0.0/26", "10.0.0.2", False, None),
            ("EnabledNoEncapOnly", "10.1.0.0/26", "10.0.0.2", False, None),
            ("EnabledNoEncapOnly", "10.2.0.0/26", "10.0.0.2", False, None),
            ("EnabledNoEncapOnly", "10.4.0.0/26", "10.0.0.2", True, None),
            (None, "10.1.0.0/26", "10.0.0.2", False, None),
            (None, "10.4.0.0/26", "10.0.0.2", True, None),
            ("Disabled", "10.1.0.0/26", "10.0.0.2", False, None),
            ("Disabled", "10.4.0.0/26", "10.0.0.2", False, None),
            ("Disabled", "10.5.0.0/26", "10.0.0.2", True, None),
        ],
    )
    def test_pools(
        self, value: str | None, net: str, next_hop: str, accept: bool, tunnel: str | None
    ) -> None:
        settings = configuration(**({"programClusterRoutes": value} if value else {}))
        one = route(net, "bgp", local_pref=NORMAL, next_hop=next_hop)
        answer = self.kernel(one, settings, self.IPIP, self.CROSS, self.VXLAN, self.PLAIN)
        assert (answer["accept"], answer["changes"].get("tunnel")) == (accept, tunnel)

    def test_the_own_blackhole_obeys_the_pool(self) -> None:
        assert self.kernel(route("10.3.0.0/26"), self.VXLAN)["accept"] is False
        assert self.kernel(route("10.4.0.0/26"), self.PLAIN)["accept"] is True

    def test_ipv6_pools(self) -> None:
        documents = (pool("v", "fd01::/48", vxlanMode="Always"), pool("p", "fd02::/48"))
        assert self.kernel(route("fd01::/122"), *documents)["accept"] is False
        assert self.kernel(route("fd02::/122"), *documents)["accept"] is True
        off = configuration(programClusterRoutes="Disabled")
        assert self.kernel(route("fd02::/122"), *documents, off)["accept"] is False

    def test_without_an_ipv4_subnet_the_other_statements_stand(self) -> None:
        only_v6 = node("n1", ipv6Address="fd00::1")
        settings = configuration(programClusterRoutes="Enabled")
        intent = compiled("n1", only_v6, settings, self.IPIP, self.CROSS, self.VXLAN)
        nets = ("10.1.0.0/26", "10.2.0.0/26", "10.3.0.0/26")
        answers = policy_check(intent, requests(None, "kernel", [route(net) for net in nets]))
        assert [answer["accept"] for answer in answers] == [True, True, False]
        assert answers[0]["changes"] == {"tunnel": "tunl0"}

    def test_of_two_pools_with_one_cidr_the_lower_name_counts(self) -> None:
        twins = (pool("b", "10.4.0.0/16"), pool("a", "10.4.0.0/16", vxlanMode="Always"))
        assert self.kernel(route("10.4.0.0/26"), *twins)["rule"] == "IPPool/a vxlanMode Always"

    def test_between_wireguard_nodes_felix_routes(self) -> None:
        def with_wireguard(name: str, address: str, tunnel: str) -> dict[str, Any]:
            spec = {"bgp": {"ipv4Address": address}, "wireguard": {"interfaceIPv4Address": tunnel}}
            return resource("Node", name, spec)

        here = with_wireguard("n1", "10.0.0.1/24", "10.1.0.1")
        intent = compiled("n1", here, with_wireguard("n2", "10.0.0.2", "10.1.0.2"), node("n3", "10.0.0.3"))
        routes = [route("10.4.0.0/26", "bgp", local_pref=NORMAL, next_hop=f"10.0.0.{n}") for n in (2, 3)]
        answers = policy_check(intent, requests(None, "kernel", routes))
        assert [(a["accept"], a["rule"]) for a in answers] == [(False, "WireGuard peer"), (True, "default")]
