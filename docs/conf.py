"""How Sphinx makes the site (`make docs`) and the manuals (`make install`) of these pages."""

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from bgpd import __version__

project = "bgpd"
copyright = "the bgpd authors"  # noqa: A001 - Sphinx's name
release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme = "furo"
html_show_copyright = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
man_pages = [
    ("reference/bgpd", "bgpd", "BGP speaker of a cluster node", "", 8),
    ("reference/bgpctl", "bgpctl", "look at and steer bgpd, edit the cluster's resources", "", 1),
]


def without_links(app: Sphinx, page: nodes.document, _name: str) -> None:
    """Leave links to other pages out of the manuals, which are read alone."""
    if app.builder.name == "man":
        for reference in list(page.findall(nodes.reference)):
            if not reference.get("refuri"):
                reference.replace_self(reference.children)


def setup(app: Sphinx) -> None:
    """Show diagrams as their text: drawing them would need a script from elsewhere."""
    app.add_lexer("mermaid", TextLexer)
    app.connect("doctree-resolved", without_links)
