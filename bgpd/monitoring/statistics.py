"""What a Statistics Report says of one session (RFC 7854, section 4.8)."""

import rib
from bgpd.monitoring.session import WatchedSession
from wire import Family
from wire.bmp import StatisticType

_LOOPS = {
    StatisticType.CLUSTER_LIST_LOOPS: rib.Refusal.CLUSTER_LIST_LOOP,
    StatisticType.AS_PATH_LOOPS: rib.Refusal.AS_PATH_LOOP,
    StatisticType.ORIGINATOR_ID_LOOPS: rib.Refusal.ORIGINATOR_ID_LOOP,
}


def statistics(
    router: rib.Router, session: WatchedSession
) -> tuple[dict[StatisticType, int], list[tuple[StatisticType, Family, int]]]:
    """Return the numbers in sum, and those by family."""
    received, refused = router.received(session.key), router.refused(session.key)
    sizes = {family: router.size(family) for family in Family}
    totals = {kind: refused[reason] for kind, reason in _LOOPS.items()}
    totals |= {
        StatisticType.ADJ_RIB_IN: sum(received.values()),
        StatisticType.LOC_RIB: sum(sizes.values()),
    }
    per_family = [
        row
        for family in sorted(session.negotiated.families, key=str)
        for row in (
            (StatisticType.ADJ_RIB_IN_OF_FAMILY, family, received.get(family, 0)),
            (StatisticType.LOC_RIB_OF_FAMILY, family, sizes[family]),
        )
    ]
    return totals, per_family
