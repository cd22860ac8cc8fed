"""Every page that is made from code, and what makes it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from docs.generators.commands import with_commands
from docs.generators.fsm_page import fsm_page
from docs.generators.resources_page import extensions_page, resources_page

DOCS: Final = Path(__file__).parent.parent
BGPCTL_PAGE: Final = DOCS / "reference" / "bgpctl.md"


def bgpctl_page() -> str:
    """Return the page about bgpctl, of which the commands are made and the rest is kept."""
    return with_commands(BGPCTL_PAGE.read_text())


PAGES: Final[dict[Path, Callable[[], str]]] = {
    DOCS / "fsm.md": fsm_page,
    DOCS / "reference" / "resources.md": resources_page,
    DOCS / "reference" / "extensions.md": extensions_page,
    BGPCTL_PAGE: bgpctl_page,
}
