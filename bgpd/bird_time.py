"""How BIRD prints a moment, which people and scripts around Calico know."""

from datetime import datetime, timedelta
from typing import Final

_RECENT: Final = timedelta(hours=20)


def bird_time(moment: datetime, now: datetime) -> str:
    """Give the time of day while a moment is recent, the date after that; both times in one zone."""
    return f"{moment:%H:%M:%S}" if now - moment < _RECENT else f"{moment:%Y-%m-%d}"
