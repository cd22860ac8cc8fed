"""Each script of the documentation is run by a test, or says why not; what is no script looks like none."""

import re
from typing import Final

import pytest

from lab.process import ROOT
from tests.docs import test_getting_started, test_howtos, test_operations_page
from tests.docs.blocks import Block, blocks
from tests.docs.test_pages_on_a_node import PAGES as ON_A_NODE

PAGES: Final = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "examples/*/*.md")
    for page in ROOT.glob(pattern)
    if "_build" not in page.parts
)
FOLLOWED: Final = {
    test_getting_started.PAGE,
    test_operations_page.PAGE,
    ROOT / "docs" / "datastores.md",
    *(test_howtos.HOWTOS / f"{page}.md" for page in test_howtos.PAGES),
    *(ROOT / page for page in ON_A_NODE),
}
"""The pages whose scripts their tests run."""

LANGUAGES: Final = {"sh", "text", "ini", "yaml", "mermaid", "{toctree}"}
BLOCKS: Final = [block for page in PAGES for block in blocks(page)]
COMMAND: Final = re.compile(r"(?m)^(\$ |bgpctl \w|bgpd -|curl |make |kubectl |systemctl |apt)")
EXAMPLES: Final = "docs/reference/bgpctl.md"


def test_every_fence_is_read() -> None:
    for page in PAGES:
        fences = len(re.findall(r"(?m)^ *```", page.read_text()))
        read = sum(2 + 2 * (block.shown is not None) for block in blocks(page))
        assert read == fences, page


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "sh"], ids=str)
def test_script_is_run_or_says_why_not(block: Block) -> None:
    if block.remark is None:
        assert block.page in FOLLOWED, f"no test follows {block.page}"
    elif block.remark.startswith("run by "):
        file, _, test = block.remark.removeprefix("run by ").partition("::")
        assert re.search(rf"def {test}\b", (ROOT / file).read_text()), block.remark


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language != "sh"], ids=str)
def test_other_blocks_hold_no_script(block: Block) -> None:
    assert block.language in LANGUAGES, block
    if not str(block.page).endswith(EXAMPLES):
        assert not COMMAND.search(block.text), block
