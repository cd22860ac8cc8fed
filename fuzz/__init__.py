"""Coverage-guided fuzzing of everything that takes octets from a peer: `python -m fuzz messages|sessions`.

A target is a function of octets that raises for a defect and for nothing else. `make test` replays the seeds
through the same functions without the fuzzer; octets that once showed a defect are added to the seeds.
"""
