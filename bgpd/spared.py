"""What the daemon does without: modules that libraries load if they find them, and that it never uses.

They are an eighth of the memory of a daemon at rest. Where Python itself foresees that a module is absent, it
is made to look absent, in the documented way: `None` in `sys.modules` makes an import of it fail. That is so
only while libraries are imported: what asks for such a module by itself, later, gets it.
"""

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType

HASHES = "_hashlib"
"""OpenSSL's hashes. Where it cannot be imported, `hashlib` and `hmac` take CPython's own."""
TLS = "ssl"
"""OpenSSL's TLS. An asyncio that cannot import it knows sockets without TLS, all that BGP and the API are."""
ARCHIVERS = ("bz2", "lzma", "zlib")
"""What `shutil`, which the reader of options asks how wide the terminal is, would load to pack archives."""
_PLUGINS = "pydantic.plugin._loader"


@contextlib.contextmanager
def spared(*names: str) -> Iterator[None]:
    """Let modules that are not loaded yet look absent to whatever is imported inside."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def take_no_plugins() -> None:
    """Put a loader of nothing in place of pydantic's, since our models take no plugins.

    To switch them off, as its documentation has it, still imports what reads the metadata of packages, with
    parsers of mail and of archives. It is the only module that is replaced, and private to pydantic: should
    its name change, the real one is loaded and all works as before.
    """
    loader = ModuleType(_PLUGINS)
    vars(loader)["get_plugins"] = tuple
    sys.modules.setdefault(_PLUGINS, loader)
