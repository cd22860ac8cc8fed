"""From settings to a running process: log, datastore, and either a check or the daemon."""

import asyncio
import gc

from bgpd import log
from bgpd.daemon import Daemon
from bgpd.datastore import open_datastore
from bgpd.settings import Settings


def launch(settings: Settings, url: str) -> int:
    """Run until told to stop, on the datastore of a URL; gives the exit status. Raises DatastoreError."""
    log.configure(settings.log_level or "info", settings.log_format)
    datastore = open_datastore(url, node=settings.node)
    if settings.check:
        from bgpd.check import check

        return asyncio.run(check(settings, datastore))
    # Modules, models and tables of constants live as long as the process: the collector need not walk them.
    gc.freeze()
    return asyncio.run(Daemon(settings, datastore).run())
