"""Maximum numbers of prefixes per peer and family (RFC 4486, section 4)."""

from typing import Literal

from rib.settings import MaxPrefixes

__all__ = ["PrefixLimit"]


class PrefixLimit:
    """Watches one count; every threshold is reported once, and again after the count was below it."""

    def __init__(self, settings: MaxPrefixes) -> None:
        self.settings = settings
        self._reported: Literal["warning", "exceeded"] | None = None

    def check(self, count: int) -> Literal["warning", "exceeded"] | None:
        """Return the threshold that this count passes, None when there is nothing new to say."""
        level = self._level(count)
        is_news = level != self._reported and not (level == "warning" and self._reported == "exceeded")
        self._reported = level
        return level if is_news else None

    def _level(self, count: int) -> Literal["warning", "exceeded"] | None:
        limit = self.settings.limit
        if count > limit and not self.settings.warning_only:
            return "exceeded"
        return "warning" if count * 100 >= limit * self.settings.warn_percent else None
