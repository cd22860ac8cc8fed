"""The pages of the documentation: each is in the index, and every link between files leads somewhere."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "_build" not in page.parts)
LINKED = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *PAGES]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def without_code(text: str) -> str:
    return re.sub(r"(?ms)^ *```.*?^ *```|`[^`\n]*`", "", text)


def anchors(page: Path) -> set[str]:
    """Make the anchors of headings as GitHub and MyST do."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def names_of_pages() -> list[str]:
    return [str(page.relative_to(DOCS)) for page in PAGES if page.name != "index.md"]


def test_index_lists_every_page_once():
    text = (DOCS / "index.md").read_text()
    listed = LINK.findall(without_code(text))
    assert sorted(listed) == names_of_pages()


def test_navigation_of_the_site_is_that_of_the_index():
    text = (DOCS / "index.md").read_text()
    trees = re.findall(r"(?ms)^```\{toctree\}\n(.*?)^```", text)
    entries = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
    assert [f"{entry}.md" for entry in entries] == LINK.findall(without_code(text))


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in LINK.findall(without_code(page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


@pytest.mark.skipif(
    importlib.util.find_spec("myst_parser") is None, reason="pip install 'bgpd[docs]' to build the site"
)
@pytest.mark.parametrize("form", ["html", "man"])
def test_site_and_manuals_are_made_without_a_warning(form, tmp_path):
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-b",
        form,
        "-d",
        tmp_path / "trees",
    ]
    done = subprocess.run(
        [*command, DOCS, tmp_path / form], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made = {path.name for path in (tmp_path / form).iterdir()}
    assert {"html": {"index.html", "install.html"}, "man": {"bgpd.8", "bgpctl.1"}}[form] <= made
