"""Labs of network namespaces: routers, pods and wires on one machine, for the demo, the tests and for play.

Not part of the installed distribution. A namespace is held by a file descriptor of the process that built the
lab and every daemon is told to die with it, so that nothing can outlive that process, however it ends.
"""
