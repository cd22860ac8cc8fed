"""The page about installing: the scripts that change nothing but a home directory."""

import os
import subprocess
from pathlib import Path

from lab.daemon import BIN
from lab.process import ROOT
from tests.docs.blocks import blocks


def test_completion_is_written_where_the_shells_look(tmp_path: Path) -> None:
    (script,) = (one.text for one in blocks(ROOT / "docs/install.md") if one.section == "Completion")
    environment = os.environ | {"HOME": str(tmp_path), "PATH": f"{BIN}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-euc", script], env=environment, check=True, timeout=60)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.name for path in written) == ["_bgpctl", "bgpctl", "bgpctl.fish"]
    assert all("_BGPCTL_COMPLETE" in path.read_text() for path in written)
