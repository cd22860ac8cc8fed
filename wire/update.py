"""What an UPDATE says, decoded: routes by attribute set, withdrawals, and what was wrong with it."""

from records import field, record
from wire.attributes.value import PathAttributes
from wire.family import Family
from wire.faults import AttributeFault
from wire.prefix import Prefix


@record(frozen=False)
class Announcement:
    """Prefixes that one UPDATE announces with one attribute set."""

    family: Family
    path_id: int
    """Path Identifier (RFC 7911); 0 where ADD-PATH is not in use."""
    attributes: PathAttributes
    prefixes: list[Prefix]


@record(frozen=False)
class Withdrawal:
    """Prefixes that one UPDATE withdraws, or that must be treated so."""

    family: Family
    path_id: int
    """Path Identifier (RFC 7911); 0 where ADD-PATH is not in use."""
    prefixes: list[Prefix]


@record(frozen=False)
class Update:
    """One decoded UPDATE. Withdrawals take effect before announcements (RFC 4271, section 4.3)."""

    announced: list[Announcement] = field(default_factory=list)
    withdrawn: list[Withdrawal] = field(default_factory=list)
    end_of_rib: Family | None = None
    """The family whose initial table is complete (RFC 4724, section 2)."""
    faults: tuple[AttributeFault, ...] = ()
