"""Run the fuzzer: `python -m fuzz messages|sessions [libFuzzer options]`; needs the extra `fuzz`.

The corpus starts with the seeds and lives in a directory of its own, `.fuzz/TARGET` unless BGPD_FUZZ_CORPUS
names another; what the fuzzer finds stays there as `crash-*`.
"""

import os
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["wire", "fsm"]):
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz one target until an option of libFuzzer ends it."""
    name, *options = sys.argv[1:]
    target = TARGETS[name]
    corpus = Path(os.environ.get("BGPD_FUZZ_CORPUS", ".fuzz")) / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    ours = [f"-max_len={target.longest}", f"-artifact_prefix={corpus}/"]
    atheris.Setup([name, *ours, *options, str(corpus)], target.consume)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
