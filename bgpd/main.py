"""The `bgpd` command: settings, and with as little of the libraries as they ask for, the daemon."""

import gc
import os
import sys
from collections.abc import Sequence

from bgpd.settings import parse_settings
from bgpd.spared import ARCHIVERS, HASHES, TLS, spared, take_no_plugins

_USAGE_ERROR = 2
_COLLECT_AFTER = 10_000
"""Objects made since the last look for cycles: a few turns of a full table, some MiB at the most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the daemon until it is told to stop; gives the exit status (0 clean, 2 usage or configuration)."""
    # Modules, and later a table, make hundreds of thousands of objects that stay and are in no cycle.
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
    with spared(*ARCHIVERS):
        settings = parse_settings(arguments)
    take_no_plugins()
    with spared(HASHES):
        from bgpd.datastore import DatastoreError, datastore_url, is_remote
    try:
        url = settings.datastore or datastore_url(os.environ)
        with spared(*() if is_remote(url) else (TLS,)):
            from bgpd.launch import launch
        return launch(settings, url)
    except DatastoreError as error:
        sys.stderr.write(f"bgpd: --datastore: {error}\n")
        return _USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
