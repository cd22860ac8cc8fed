"""The `bgpd` command: settings, log, and either a check or the daemon."""

import asyncio
import gc
import os
import sys
from collections.abc import Sequence

from bgpd import log
from bgpd.daemon import Daemon
from bgpd.datastore import DatastoreError, datastore_url, open_datastore
from bgpd.settings import parse_settings

_USAGE_ERROR = 2
_NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""Our models take none, and to look for them in all that is installed takes longer than to build models."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the daemon until it is told to stop; gives the exit status (0 clean, 2 usage or configuration)."""
    os.environ.setdefault(*_NO_PLUGINS)
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
    return asyncio.run(Daemon(settings, datastore).run())


if __name__ == "__main__":
    sys.exit(main())
