"""Former clients that a former reflector goes on reflecting to, until they can have what replaces it.

What else changes of their sessions meanwhile, a name or a filter, does not end that. The cluster id stays
with it: it goes into CLUSTER_LIST, and is looked for in what arrives on every session (RFC 4456, section 8).
"""

from asyncio import TimerHandle
from dataclasses import replace

from bgpd.intent import Intent, SessionIntent
from records import record


@record
class _Retirement:
    cluster_id: bytes | None
    timer: TimerHandle


class Retirements:
    """Sessions whose peers are reflected to though they are clients no more, by key."""

    def __init__(self) -> None:
        self._retiring: dict[str, _Retirement] = {}

    def __bool__(self) -> bool:
        """Whether anybody is reflected to who is no client any more."""
        return bool(self._retiring)

    def begin(self, key: str, cluster_id: bytes | None, timer: TimerHandle) -> None:
        """Go on reflecting under this cluster id until the timer has its way."""
        self.end(key)
        self._retiring[key] = _Retirement(cluster_id, timer)

    def end(self, key: str) -> None:
        """Forget it: its time is up, its peer is a client again, or it is gone."""
        retirement = self._retiring.pop(key, None)
        if retirement is not None:
            retirement.timer.cancel()

    def in_force(self, key: str, session: SessionIntent) -> SessionIntent:
        """Return what a session is for the time being."""
        retirement = self._retiring.get(key)
        if retirement is None:
            return session
        return replace(session, rr_client=True, cluster_id=retirement.cluster_id)

    def node_in_force(self, intent: Intent) -> Intent:
        """Return what the node is for the time being."""
        for retirement in self._retiring.values():
            return replace(intent, cluster_id=intent.cluster_id or retirement.cluster_id)
        return intent


def retired(session: SessionIntent) -> SessionIntent:
    """Return what a session is when its peer is no longer reflected to."""
    return replace(session, rr_client=False, cluster_id=None)
