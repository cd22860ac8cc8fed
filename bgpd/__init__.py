"""The daemon: everything that touches the world (datastore, sockets, kernel, API, command line)."""

__version__ = "0.1.0"
