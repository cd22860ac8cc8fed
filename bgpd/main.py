"""The `bgpd` command: settings, log, and either a check or the daemon."""

import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from bgpd import log
from bgpd.daemon import Daemon
from bgpd.datastore import DatastoreError, datastore_url, open_datastore
from bgpd.settings import parse_settings

_USAGE_ERROR = 2
_COLLECT_AFTER = 10_000
"""Objects made since the last look for cycles: a few turns of a full table, some MiB at the most."""
_PLUGIN_LOADER = "pydantic.plugin._loader"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the daemon until it is told to stop; gives the exit status (0 clean, 2 usage or configuration)."""
    _take_no_plugins()
    settings = parse_settings(arguments)
    log.configure(settings.log_level or "info", settings.log_format)
    url = settings.datastore or datastore_url(os.environ)
    try:
        datastore = open_datastore(url, node=settings.node)
    except DatastoreError as error:
        sys.stderr.write(f"bgpd: --datastore: {error}\n")
        return _USAGE_ERROR
    if settings.check:
        from bgpd.check import check

        return asyncio.run(check(settings, datastore))
    # Modules, models and tables of constants live as long as the process: the collector need not walk them.
    gc.freeze()
    # A table makes hundreds of thousands of objects that stay and are in no cycle.
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    return asyncio.run(Daemon(settings, datastore).run())


def _take_no_plugins() -> None:
    """Put a loader of nothing in place of pydantic's, since our models take no plugins.

    To switch them off, as its documentation has it, still imports what reads the metadata of packages, with
    parsers of mail and of archives: a tenth of the memory of a daemon at rest.
    """
    loader = ModuleType(_PLUGIN_LOADER)
    vars(loader)["get_plugins"] = tuple
    sys.modules.setdefault(_PLUGIN_LOADER, loader)


if __name__ == "__main__":
    sys.exit(main())
