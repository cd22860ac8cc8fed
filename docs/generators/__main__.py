"""Writes the pages of the documentation that are made from code: `make reference`."""

from docs.generators.pages import PAGES


def main() -> None:
    """Write every page."""
    for path, page in PAGES.items():
        path.write_text(page())


if __name__ == "__main__":
    main()
