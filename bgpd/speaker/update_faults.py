"""What was wrong with a peer's UPDATEs, and survived: counted, and reported in full (RFC 7606, section 6)."""

import logging
from collections import Counter

import wire
from bgpd import log

_LOGGER = logging.getLogger(__name__)


class UpdateFaults:
    """Faulty attributes of one session."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.counts: Counter[tuple[int, str]] = Counter()
        """By attribute type and verdict."""

    def take(self, update: wire.Update, body: bytes) -> None:
        """Count the faults of an UPDATE; log them with the routes concerned and the whole message."""
        self.counts.update((fault.attribute, fault.verdict.value) for fault in update.faults)
        if _LOGGER.isEnabledFor(logging.WARNING):
            _LOGGER.warning(
                "%s sent a malformed UPDATE: %s",
                self._key,
                "; ".join(f"{fault.text} ({fault.verdict.value})" for fault in update.faults),
                extra=log.fields(
                    event="malformed", peer=self._key, prefixes=_prefixes(update), update=body.hex()
                ),
            )


def _prefixes(update: wire.Update) -> str:
    parts: list[wire.Withdrawal | wire.Announcement] = [*update.withdrawn, *update.announced]
    return " ".join(wire.format_prefix(part.family, prefix) for part in parts for prefix in part.prefixes)
