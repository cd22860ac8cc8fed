"""NOTIFICATION (RFC 4271, section 4.5), and the error that becomes one."""

from enum import IntEnum
from typing import Final, Self

from records import record
from wire.codes import (
    CeaseError,
    ErrorCode,
    FsmError,
    HeaderError,
    MessageType,
    OpenError,
    RouteRefreshError,
    UpdateError,
)
from wire.header import HEADER, encode_message

_SUBCODES: Final[dict[int, type[IntEnum]]] = {
    ErrorCode.MESSAGE_HEADER_ERROR: HeaderError,
    ErrorCode.OPEN_MESSAGE_ERROR: OpenError,
    ErrorCode.UPDATE_MESSAGE_ERROR: UpdateError,
    ErrorCode.FINITE_STATE_MACHINE_ERROR: FsmError,
    ErrorCode.CEASE: CeaseError,
    ErrorCode.ROUTE_REFRESH_MESSAGE_ERROR: RouteRefreshError,
}

_WITH_COMMUNICATION: Final = {CeaseError.ADMINISTRATIVE_SHUTDOWN, CeaseError.ADMINISTRATIVE_RESET}
_COMMUNICATION_OCTETS: Final = 255


class NotificationError(Exception):
    """The peer broke the protocol so that the session must end: "session reset" in RFC 7606.

    Holds exactly what the NOTIFICATION to send holds, and `text` for the operator.
    """

    def __init__(self, code: int, subcode: int, data: bytes = b"", text: str = "") -> None:
        super().__init__(code, subcode, data, text)
        self.code = code
        self.subcode = subcode
        self.data = data
        self.text = text or describe_error(code, subcode)

    def __str__(self) -> str:
        name = describe_error(self.code, self.subcode)
        return name if self.text == name else f"{name}: {self.text}"

    @property
    def message(self) -> "Notification":
        """The message that tells the peer."""
        return Notification(self.code, self.subcode, self.data)


@record
class Notification:
    """The last message of a session: why it ends."""

    code: int
    subcode: int = 0
    data: bytes = b""

    @classmethod
    def shutdown(cls, subcode: CeaseError, communication: str) -> Self:
        """Build a Cease with a Shutdown Communication, cut to what fits between characters (RFC 9003)."""
        text = communication.encode(errors="replace")[:_COMMUNICATION_OCTETS]
        text = text.decode(errors="ignore").encode()
        return cls(ErrorCode.CEASE, subcode, bytes([len(text)]) + text if text else b"")

    def encode(self) -> bytes:
        """Return the whole message."""
        return encode_message(MessageType.NOTIFICATION, bytes([self.code, self.subcode]) + self.data)

    @property
    def communication(self) -> str | None:
        """The Shutdown Communication in printable form (RFC 9003, section 2); None where there is none."""
        if self.code != ErrorCode.CEASE or self.subcode not in _WITH_COMMUNICATION or not self.data:
            return None
        text = self.data[1 : 1 + self.data[0]].decode(errors="replace")
        # Section 6 of RFC 9003: the text is the peer's; whatever could steer a terminal or a log is replaced.
        return "".join(
            character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
        )

    def describe(self) -> str:
        """Return a line such as ``Cease / Administrative Shutdown: maintenance until noon``."""
        name = describe_error(self.code, self.subcode)
        if self.communication:
            return f"{name}: {self.communication}"
        if (self.code, self.subcode) == (ErrorCode.CEASE, CeaseError.HARD_RESET) and len(self.data) >= 2:
            # RFC 8538, section 3.1: a Hard Reset carries the NOTIFICATION that was its cause.
            cause = Notification(self.data[0], self.data[1], self.data[2:])
            nested = cause.subcode == CeaseError.HARD_RESET
            return f"{name}: {describe_error(cause.code, cause.subcode) if nested else cause.describe()}"
        return name


def decode_notification(body: bytes) -> Notification:
    """Read the body of a NOTIFICATION; NotificationError when it is too short for code and subcode."""
    if len(body) < 2:
        length = (HEADER.size + len(body)).to_bytes(2, "big")
        text = f"NOTIFICATION of {len(body)} octets lacks its error code"
        raise NotificationError(ErrorCode.MESSAGE_HEADER_ERROR, HeaderError.BAD_MESSAGE_LENGTH, length, text)
    return Notification(body[0], body[1], body[2:])


def describe_error(code: int, subcode: int) -> str:
    """Return the registry's names of an error, or its numbers where the registry has none."""
    try:
        name = _title(ErrorCode(code))
    except ValueError:
        return f"Error {code} / {subcode}"
    subcodes = _SUBCODES.get(code)
    if subcode == 0:
        return name
    if subcodes is None or subcode not in subcodes.__members__.values():
        return f"{name} / {subcode}"
    return f"{name} / {_title(subcodes(subcode))}"


_SPELLING: Final = {"OF": "of", "IN": "in"} | {
    word: word for word in ("AS", "BFD", "BGP", "OPEN", "PATH", "UPDATE")
}


def _title(member: IntEnum) -> str:
    return " ".join(_SPELLING.get(word, word.title()) for word in member.name.split("_"))
