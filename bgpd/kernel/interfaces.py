"""Links and addresses of this network namespace, kept in step by dumps and notifications."""

from collections.abc import Iterator

from bgpd.kernel.model import InterfaceAddress, Link


class Interfaces:
    """Links by index and name, and their addresses."""

    def __init__(self) -> None:
        self.indexes: dict[str, int] = {}
        """Live map of names to indexes."""
        self.changed = False
        """Something changed since somebody took and cleared this."""
        self._links: dict[int, Link] = {}
        self._addresses: dict[tuple[int, bytes, int], InterfaceAddress] = {}
        self._unseen_links: set[int] = set()
        self._unseen_addresses: set[tuple[int, bytes, int]] = set()

    def link(self, index: int) -> Link | None:
        """Return the link of an index."""
        return self._links.get(index)

    def addresses(self) -> Iterator[tuple[InterfaceAddress, Link]]:
        """All addresses whose link is known."""
        for address in self._addresses.values():
            link = self._links.get(address.interface)
            if link is not None:
                yield address, link

    def set_link(self, link: Link) -> Link | None:
        """Note a link; return what it was before."""
        before = self._links.get(link.index)
        self._unseen_links.discard(link.index)
        if before == link:
            return before
        self.changed = True
        if before is not None and before.name != link.name and self.indexes.get(before.name) == link.index:
            del self.indexes[before.name]
        self._links[link.index] = link
        self.indexes[link.name] = link.index
        return before

    def remove_link(self, index: int) -> Link | None:
        """Forget a link and its addresses; return it."""
        link = self._links.pop(index, None)
        if link is None:
            return None
        self.changed = True
        if self.indexes.get(link.name) == index:
            del self.indexes[link.name]
        self._addresses = {key: address for key, address in self._addresses.items() if key[0] != index}
        return link

    def add_address(self, address: InterfaceAddress) -> bool:
        """Note an address; say whether it is new."""
        key = _key(address)
        self._unseen_addresses.discard(key)
        if self._addresses.get(key) == address:
            return False
        self._addresses[key] = address
        self.changed = True
        return True

    def remove_address(self, address: InterfaceAddress) -> None:
        """Forget an address."""
        if self._addresses.pop(_key(address), None) is not None:
            self.changed = True

    def begin_link_dump(self) -> None:
        """Prepare for the kernel's telling all links."""
        self._unseen_links = set(self._links)

    def end_link_dump(self) -> list[int]:
        """Give the indexes of links that were not told; the caller removes them."""
        unseen, self._unseen_links = self._unseen_links, set()
        return sorted(unseen)

    def begin_address_dump(self) -> None:
        """Prepare for the kernel's telling all addresses."""
        self._unseen_addresses = set(self._addresses)

    def end_address_dump(self) -> None:
        """Forget the addresses that were not told."""
        for key in self._unseen_addresses:
            if self._addresses.pop(key, None) is not None:
                self.changed = True
        self._unseen_addresses = set()


def _key(address: InterfaceAddress) -> tuple[int, bytes, int]:
    return address.interface, address.address, address.network[0]
