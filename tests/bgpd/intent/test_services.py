"""Service advertisement: ranges, addresses of services, and what keeps them off a node."""

from typing import Any

import pytest

from bgpd.intent import Intent
from wire import Family, format_prefix

from .support import compiled, configuration, node

HERE = node("n1", "10.0.0.1/24")
CLUSTER = {"serviceClusterIPs": [{"cidr": "10.96.0.0/12"}, {"cidr": "fd00:96::/112"}]}
EXTERNAL = {"serviceExternalIPs": [{"cidr": "203.0.113.0/24"}]}
BALANCER = {"serviceLoadBalancerIPs": [{"cidr": "198.51.100.0/24"}]}


def service(name: str = "web", **spec: Any) -> dict[str, Any]:
    ingress = spec.pop("ingress", [])
    fields = {
        "type": "LoadBalancer",
        "clusterIP": "10.96.0.7",
        "clusterIPs": ["10.96.0.7"],
        "ipFamilies": ["IPv4"],
        "externalTrafficPolicy": "Local",
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": fields | spec,
        "status": {"loadBalancer": {"ingress": ingress}},
    }


def endpoints(on: str, ready: bool | None = True, of: str = "web", **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{of}-{on}",
            "namespace": fields.pop("namespace", "shop"),
            "labels": {"kubernetes.io/service-name": of},
        },
        "addressType": fields.pop("address_type", "IPv4"),
        "endpoints": [
            {
                "addresses": ["10.1.0.5"],
                "nodeName": on,
                "conditions": {} if ready is None else {"ready": ready},
            }
        ],
    }


def originated(intent: Intent) -> dict[str, str]:
    return {
        format_prefix(family, prefix): route.kind.value
        for family, routes in intent.originated.items()
        for prefix, route in routes.items()
    }


def test_ranges_are_advertised_by_every_node() -> None:
    intent = compiled("n1", HERE, configuration(**CLUSTER, **EXTERNAL, **BALANCER))
    assert originated(intent) == {
        "10.96.0.0/12": "service",
        "198.51.100.0/24": "external",
        "203.0.113.0/24": "external",
        "fd00:96::/112": "service",
    }
    assert {route.kernel_type for route in intent.originated[Family.IPV4_UNICAST].values()} == {None}


def test_single_addresses_are_no_ranges_but_as_cluster_ips() -> None:
    singles = configuration(
        serviceClusterIPs=[{"cidr": "10.96.0.1/32"}],
        serviceExternalIPs=[{"cidr": "203.0.113.1/32"}],
        serviceLoadBalancerIPs=[{"cidr": "198.51.100.1/32"}],
    )
    intent = compiled("n1", HERE, singles)
    assert originated(intent) == {"10.96.0.1/32": "service"}
    assert intent.service_ranges[Family.IPV4_UNICAST] == (bytes([32, 10, 96, 0, 1]),)


def test_a_bare_address_is_a_single_one() -> None:
    intent = compiled("n1", HERE, configuration(serviceClusterIPs=[{"cidr": "10.96.0.1"}]))
    assert originated(intent) == {"10.96.0.1/32": "service"}


def test_without_aggregation_load_balancer_ranges_stay_at_home() -> None:
    intent = compiled("n1", HERE, configuration(**BALANCER, serviceLoadBalancerAggregation="Disabled"))
    assert originated(intent) == {}
    assert intent.service_ranges[Family.IPV4_UNICAST] == ()


def test_the_environment_beats_the_cluster_ips() -> None:
    intent = compiled("n1", HERE, configuration(**CLUSTER), CALICO_ADVERTISE_CLUSTER_IPS="10.200.0.0/16")
    assert originated(intent) == {"10.200.0.0/16": "service"}


def test_an_environment_that_is_no_range_is_reported() -> None:
    intent = compiled(
        "n1", HERE, configuration(**CLUSTER), CALICO_ADVERTISE_CLUSTER_IPS="10.200.0.0/16,fd00::/8"
    )
    assert originated(intent) == {}
    assert "is no CIDR" in next(p.message for p in intent.problems if p.resource == "environment")


def test_an_excluded_node_advertises_nothing_and_still_keeps_them_from_the_kernel() -> None:
    label = {"node.kubernetes.io/exclude-from-external-load-balancers": "true"}
    excluded = node("n1", "10.0.0.1", labels=label)
    intent = compiled("n1", excluded, configuration(**CLUSTER), service(), endpoints("n1"))
    assert originated(intent) == {}
    assert intent.service_ranges[Family.IPV4_UNICAST] == (bytes([12, 10, 96]),)


class TestServiceAddresses:
    """Which addresses come beside the range 10.96.0.0/12 (and 198.51.100.0/24, 203.0.113.0/24)."""

    SETTINGS = configuration(
        serviceClusterIPs=[{"cidr": "10.96.0.0/12"}],
        serviceExternalIPs=[{"cidr": "203.0.113.0/24"}, {"cidr": "203.0.113.77/32"}],
        serviceLoadBalancerIPs=[{"cidr": "198.51.100.0/24"}, {"cidr": "198.51.100.77/32"}],
    )

    def addresses(self, *documents: dict[str, Any], **environment: str) -> set[str]:
        found = originated(compiled("n1", HERE, self.SETTINGS, *documents, **environment))
        return {prefix.removesuffix("/32") for prefix in found if prefix.endswith("/32")}

    def test_local_traffic_policy_with_an_endpoint_here(self) -> None:
        web = service(
            externalIPs=["203.0.113.5", "192.0.2.5"], ingress=[{"ip": "198.51.100.5"}, {"hostname": "x"}]
        )
        assert self.addresses(web, endpoints("n1")) == {"10.96.0.7", "203.0.113.5", "198.51.100.5"}

    @pytest.mark.parametrize(
        "documents",
        [
            (),
            (endpoints("n2"),),
            (endpoints("n1", ready=False),),
            (endpoints("n1", address_type="IPv6"),),
            (endpoints("n1", namespace="other"),),
            (endpoints("n1", of="other"),),
        ],
        ids=["no slice", "elsewhere", "not ready", "other family", "other namespace", "other service"],
    )
    def test_not_without_a_ready_endpoint_here(self, documents: tuple[dict[str, Any], ...]) -> None:
        assert self.addresses(service(), *documents) == set()

    def test_absent_readiness_is_ready(self) -> None:
        assert self.addresses(service(), endpoints("n1", ready=None)) == {"10.96.0.7"}

    def test_the_node_may_have_another_name_in_kubernetes(self) -> None:
        assert self.addresses(service(), endpoints("k1"), CALICO_K8S_NODE_REF="k1") == {"10.96.0.7"}

    @pytest.mark.parametrize("policy", ["Cluster", None])
    def test_not_for_other_policies(self, policy: str | None) -> None:
        assert self.addresses(service(externalTrafficPolicy=policy), endpoints("n1")) == set()

    @pytest.mark.parametrize(
        "fields",
        [
            {"ingress": [{"ip": "198.51.100.77"}]},
            {"loadBalancerIP": "198.51.100.77"},
            {"externalIPs": ["203.0.113.77"], "type": "NodePort"},
        ],
    )
    def test_cluster_policy_with_an_address_of_a_single_entry_is_advertised_everywhere(
        self, fields: dict[str, Any]
    ) -> None:
        assert "10.96.0.7" in self.addresses(service(externalTrafficPolicy="Cluster", **fields))

    def test_load_balancer_entries_are_for_load_balancers(self) -> None:
        fields = {"loadBalancerIP": "198.51.100.77", "type": "NodePort"}
        assert self.addresses(service(externalTrafficPolicy="Cluster", **fields)) == set()

    @pytest.mark.parametrize("fields", [{"clusterIP": "None"}, {"clusterIP": ""}, {"type": "ExternalName"}])
    def test_headless_and_external_names_have_none(self, fields: dict[str, Any]) -> None:
        assert self.addresses(service(**fields), endpoints("n1")) == set()

    def test_one_address_of_two_services_stays_until_both_are_gone(self) -> None:
        twin = service("twin", clusterIP="10.96.0.7")
        here, there = endpoints("n1"), endpoints("n1", of="twin")
        assert self.addresses(service(), twin, here, there) == self.addresses(twin, there) == {"10.96.0.7"}

    def test_without_aggregation_a_ready_endpoint_anywhere_is_enough(self) -> None:
        settings = configuration(**BALANCER, serviceLoadBalancerAggregation="Disabled")
        web = service(externalTrafficPolicy="Cluster", ingress=[{"ip": "198.51.100.5"}])
        found = originated(compiled("n1", HERE, settings, web, endpoints("n2")))
        assert found == {"198.51.100.5/32": "external"}

    def test_no_list_no_addresses(self) -> None:
        assert originated(compiled("n1", HERE, service(), endpoints("n1"))) == {}
