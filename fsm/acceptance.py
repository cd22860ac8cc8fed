"""What an OPEN must satisfy before it is negotiated (RFC 4271, section 6.2), as a list of checks."""

from collections.abc import Callable
from typing import Final

import wire
from fsm.negotiation import common_families
from fsm.parameters import SessionParameters
from wire.capabilities import encode_capability
from wire.codes import BgpRole, ErrorCode, OpenError

_ROLE_PAIRS: Final = {
    BgpRole.PROVIDER: BgpRole.CUSTOMER,
    BgpRole.CUSTOMER: BgpRole.PROVIDER,
    BgpRole.ROUTE_SERVER: BgpRole.ROUTE_SERVER_CLIENT,
    BgpRole.ROUTE_SERVER_CLIENT: BgpRole.ROUTE_SERVER,
    BgpRole.PEER: BgpRole.PEER,
}
"""RFC 9234, section 4.2: our role and the only one the peer may have."""


def check_open(parameters: SessionParameters, ours: wire.Open, theirs: wire.Open) -> None:
    """Raise NotificationError, OPEN Message Error, when the peer's OPEN is not acceptable."""
    for check in _CHECKS:
        check(parameters, ours, theirs)


def _check_as(parameters: SessionParameters, _: wire.Open, theirs: wire.Open) -> None:
    number = theirs.my_as
    if number == 0:  # RFC 7607, section 2
        raise _error(OpenError.BAD_PEER_AS, "AS 0 is reserved")
    if parameters.peer_as not in (0, number):
        text = f"peer is in AS {number}, expected AS {parameters.peer_as}"
        raise _error(OpenError.BAD_PEER_AS, text)


def _check_identifier(parameters: SessionParameters, _: wire.Open, theirs: wire.Open) -> None:
    identifier = theirs.bgp_identifier
    if not any(identifier):
        raise _error(OpenError.BAD_BGP_IDENTIFIER, "BGP Identifier is zero")
    # RFC 6286, section 2.2: unique within an AS; an external peer may have ours by chance.
    if theirs.my_as == parameters.local_as and identifier == parameters.bgp_identifier:
        raise _error(OpenError.BAD_BGP_IDENTIFIER, "internal peer has our own BGP Identifier")


def _check_hold_time(_: SessionParameters, __: wire.Open, theirs: wire.Open) -> None:
    if theirs.hold_time in (1, 2):
        text = f"hold time of {theirs.hold_time} s is neither 0 nor at least 3"
        raise _error(OpenError.UNACCEPTABLE_HOLD_TIME, text)


def _check_families(parameters: SessionParameters, ours: wire.Open, theirs: wire.Open) -> None:
    common = common_families(ours, theirs)
    if common and common >= parameters.required_families:
        return
    missing = sorted(
        (parameters.required_families or parameters.families) - common, key=lambda family: family.value
    )
    # RFC 5492, section 5: the data lists the capabilities that are missed, as they stand in an OPEN.
    data = b"".join(encode_capability(wire.Multiprotocol(family)) for family in missing)
    names = ", ".join(map(str, missing))
    raise _error(OpenError.UNSUPPORTED_CAPABILITY, f"peer does not offer {names}", data)


def _check_role(parameters: SessionParameters, _: wire.Open, theirs: wire.Open) -> None:
    if parameters.role is None or theirs.my_as == parameters.local_as:
        return
    roles = {capability.value for capability in theirs.capabilities if isinstance(capability, wire.Role)}
    if not roles and not parameters.role_strict:
        return
    expected = _ROLE_PAIRS[BgpRole(parameters.role)]
    if roles != {expected}:  # section 4.2 of RFC 9234: several different roles are a mismatch, too
        told = ", ".join(map(str, sorted(roles))) or "none"
        text = f"peer's role is {told}, expected {expected.value}"
        raise _error(OpenError.ROLE_MISMATCH, text)


def _error(subcode: OpenError, text: str, data: bytes = b"") -> wire.NotificationError:
    # RFC 4271, section 6: the Data field is empty unless an RFC says what it holds.
    return wire.NotificationError(ErrorCode.OPEN_MESSAGE_ERROR, subcode, data, text)


_CHECKS: Final[tuple[Callable[[SessionParameters, wire.Open, wire.Open], None], ...]] = (
    _check_as,
    _check_identifier,
    _check_hold_time,
    _check_families,
    _check_role,
)
"""In the order of the fields; the first fault found is the one reported."""
