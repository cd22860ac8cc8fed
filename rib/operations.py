"""What the operations of a rule do to a route, one row each."""

from collections.abc import Callable
from struct import pack
from typing import Any, Final

from rib.path import carries
from rib.policy_route import PolicyRoute
from rib.rule import (
    AddCommunity,
    AddLargeCommunity,
    Operation,
    PrependAsPath,
    SetLocalPref,
    SetMetric,
    SetPreference,
    SetTunnel,
)
from wire import prepend_as_path

__all__ = ["apply_operation"]


def _with(route: PolicyRoute, **changes: Any) -> PolicyRoute:
    return route.replace(attributes=route.attributes.replace(**changes))


def _add_community(operation: AddCommunity, route: PolicyRoute) -> PolicyRoute:
    present = route.attributes.communities
    if carries(present, operation.value):
        return route
    return _with(route, communities=present + operation.value.to_bytes(4, "big"))


def _add_large_community(operation: AddLargeCommunity, route: PolicyRoute) -> PolicyRoute:
    if operation.value in route.attributes.large_community_list:
        return route
    return _with(route, large_communities=route.attributes.large_communities + pack(">III", *operation.value))


def _prepend_as_path(operation: PrependAsPath, route: PolicyRoute) -> PolicyRoute:
    return _with(route, as_path=prepend_as_path(route.attributes.as_path, operation.ases))


def _set_local_pref(operation: SetLocalPref, route: PolicyRoute) -> PolicyRoute:
    return _with(route, local_pref=operation.value)


def _set_metric(operation: SetMetric, route: PolicyRoute) -> PolicyRoute:
    return route.replace(metric=operation.value)


def _set_preference(operation: SetPreference, route: PolicyRoute) -> PolicyRoute:
    return route.replace(preference=operation.value)


def _set_tunnel(operation: SetTunnel, route: PolicyRoute) -> PolicyRoute:
    return route.replace(tunnel=operation)


_OPERATIONS: Final[dict[type, Callable[[Any, PolicyRoute], PolicyRoute]]] = {
    AddCommunity: _add_community,
    AddLargeCommunity: _add_large_community,
    PrependAsPath: _prepend_as_path,
    SetLocalPref: _set_local_pref,
    SetMetric: _set_metric,
    SetPreference: _set_preference,
    SetTunnel: _set_tunnel,
}


def apply_operation(operation: Operation, route: PolicyRoute) -> PolicyRoute:
    """Return the route after the operation."""
    return _OPERATIONS[type(operation)](operation, route)
