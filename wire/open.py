"""OPEN (RFC 4271, section 4.2), with capabilities (RFC 5492) and extended parameters (RFC 9072)."""

import functools
import struct
from collections.abc import Iterator
from typing import Final

from records import record
from wire.capabilities import Capability, FourOctetAs, decode_capability, encode_capability
from wire.codes import AS_TRANS, ErrorCode, MessageType, OpenError
from wire.header import HEADER, MAXIMUM_LENGTH, encode_message
from wire.notification import NotificationError

VERSION: Final = 4

_FIXED: Final = struct.Struct(">BHH4sB")
_CAPABILITIES: Final = 2
_EXTENDED: Final = 255
_REMEMBERED: Final = 64
"""Lists of capabilities kept: the clients of a reflector offer but a few."""


@record
class Open:
    """What a speaker says about itself to begin a session."""

    my_as: int
    """The sender's AS; from the four-octet-as capability where there is one."""
    hold_time: int
    """Seconds; 0 or at least 3."""
    bgp_identifier: bytes
    """4 octets, not all zero (RFC 6286, section 2.1)."""
    capabilities: tuple[Capability, ...] = ()
    version: int = VERSION


def encode_open(message: Open) -> bytes:
    """Return the whole message; extended parameters when they outgrow 255 octets (RFC 9072).

    ValueError when the capabilities do not fit an OPEN, which is never longer than 4,096 octets (RFC 8654).
    """
    capabilities = b"".join(map(encode_capability, message.capabilities))
    two_octet_as = message.my_as if message.my_as <= 0xFFFF else AS_TRANS
    parameters = _encode_parameters(capabilities)
    fixed = (message.version, two_octet_as, message.hold_time, message.bgp_identifier)
    body = _FIXED.pack(*fixed, min(len(parameters), _EXTENDED)) + parameters
    if HEADER.size + len(body) > MAXIMUM_LENGTH:
        raise ValueError(f"{len(capabilities)} octets of capabilities do not fit an OPEN")
    return encode_message(MessageType.OPEN, body)


def _encode_parameters(capabilities: bytes) -> bytes:
    if not capabilities:
        return b""
    size = len(capabilities)
    if size + 2 < _EXTENDED:
        return bytes([_CAPABILITIES, size]) + capabilities
    return struct.pack(">BHBH", _EXTENDED, size + 3, _CAPABILITIES, size) + capabilities


def decode_open(body: bytes) -> Open:
    """Read the body of an OPEN; NotificationError with a subcode of RFC 4271, section 6.2, if it is wrong."""
    if len(body) < _FIXED.size:
        raise _error(OpenError.UNSPECIFIC, f"OPEN of {len(body)} octets is truncated")
    version, two_octet_as, hold_time, bgp_identifier, _ = _FIXED.unpack_from(body)
    if version != VERSION:
        supported = VERSION.to_bytes(2, "big")
        raise _error(OpenError.UNSUPPORTED_VERSION_NUMBER, f"version {version}, not {VERSION}", supported)
    capabilities = _decode_capabilities(body[_FIXED.size - 1 :])
    announced = [capability.as_number for capability in capabilities if isinstance(capability, FourOctetAs)]
    my_as = announced[0] if announced else two_octet_as
    if my_as == 0 or two_octet_as == 0:  # RFC 7607, section 2; RFC 6793, section 3
        raise _error(OpenError.BAD_PEER_AS, "AS 0 is reserved")
    if hold_time in (1, 2):
        raise _error(
            OpenError.UNACCEPTABLE_HOLD_TIME, f"hold time of {hold_time} s is neither 0 nor at least 3"
        )
    if not any(bgp_identifier):
        raise _error(OpenError.BAD_BGP_IDENTIFIER, "BGP Identifier is zero")
    return Open(my_as, hold_time, bgp_identifier, capabilities, version)


def _error(subcode: OpenError, text: str, data: bytes = b"") -> NotificationError:
    return NotificationError(ErrorCode.OPEN_MESSAGE_ERROR, subcode, data, text)


@functools.lru_cache(_REMEMBERED)
def _decode_capabilities(octets: bytes) -> tuple[Capability, ...]:
    """Read the capabilities out of the end of an OPEN, from the length of the optional parameters on."""
    capabilities = []
    for kind, value in _parameters(octets):
        if kind != _CAPABILITIES:
            raise _error(
                OpenError.UNSUPPORTED_OPTIONAL_PARAMETER, f"optional parameter {kind} is not supported"
            )
        for code, content in _type_length_values(value, 1):
            try:
                capabilities.append(decode_capability(code, content))
            except ValueError as error:
                raise _error(OpenError.UNSPECIFIC, str(error)) from None
    return tuple(capabilities)


def _parameters(octets: bytes) -> Iterator[tuple[int, bytes]]:
    length, parameters = octets[0], octets[1:]
    width = 1
    if length and len(parameters) >= 3 and parameters[0] == _EXTENDED:
        # RFC 9072, section 2: type 255 in first place means the extended form, whatever the length says.
        length, parameters, width = int.from_bytes(parameters[1:3], "big"), parameters[3:], 2
    if length != len(parameters):
        raise _error(
            OpenError.UNSPECIFIC, f"optional parameters of {len(parameters)} octets, announced {length}"
        )
    return _type_length_values(parameters, width)


def _type_length_values(octets: bytes, width: int) -> Iterator[tuple[int, bytes]]:
    start, end = 0, len(octets)
    while start < end:
        value = start + 1 + width
        stop = value + int.from_bytes(octets[start + 1 : value], "big")
        if value > end or stop > end:
            raise _error(OpenError.UNSPECIFIC, f"parameter or capability {octets[start]} overruns its field")
        yield octets[start], octets[value:stop]
        start = stop
