"""Which routes of ours the kernel holds, of one family: those somebody wants, and others."""

from collections.abc import Callable, Iterator

from bgpd.kernel.model import KernelRoute, Target
from wire import Prefix


class OwnRoutes:
    """Slots (prefix and metric) with a route of ours; at most one of a prefix is the wanted one."""

    def __init__(self) -> None:
        self.wanted: dict[Prefix, Target] = {}
        """The route that stands for what the RIB wants, or wanted when it was written."""
        self.others: dict[Prefix, dict[int, KernelRoute]] = {}
        """Routes by metric that nobody wants: found at the start, or displaced by a better metric."""
        self._unseen: dict[Prefix, Target] = {}

    def at(self, prefix: Prefix, metric: int) -> KernelRoute | None:
        """Return our route in a slot."""
        held = self.wanted.get(prefix)
        if held is not None and held.route.metric == metric:
            return held.route
        others = self.others.get(prefix)
        return others.get(metric) if others else None

    def hold(self, prefix: Prefix, target: Target) -> None:
        """Note the wanted route; what was wanted at another metric becomes one of the others."""
        held = self.wanted.get(prefix)
        self.wanted[prefix] = target
        if held is not None and held.route.metric != target.route.metric:
            self.others.setdefault(prefix, {})[held.route.metric] = held.route
        if prefix in self.others:
            self._drop_other(prefix, target.route.metric)

    def drop(self, prefix: Prefix, metric: int) -> bool:
        """Empty a slot; say whether the wanted route stood there."""
        held = self.wanted.get(prefix)
        if held is not None and held.route.metric == metric:
            del self.wanted[prefix]
            return True
        if prefix in self.others:
            self._drop_other(prefix, metric)
        return False

    def see(self, prefix: Prefix, route: KernelRoute) -> bool:
        """Note what the kernel says of a slot; say whether the wanted route has been changed."""
        held = self.wanted.get(prefix)
        if held is None or held.route.metric != route.metric:
            self.others.setdefault(prefix, {})[route.metric] = route
            return False
        self._unseen.pop(prefix, None)
        if held.route.fits(route):
            return False
        self.wanted[prefix] = Target(held.wanted, route)
        return True

    def begin_dump(self) -> None:
        """Expect to see all routes again."""
        self._unseen = dict(self.wanted)
        self.others.clear()

    def end_dump(self) -> Iterator[tuple[Prefix, KernelRoute]]:
        """Give the wanted routes that were expected and not seen."""
        unseen, self._unseen = self._unseen, {}
        return ((prefix, held.route) for prefix, held in unseen.items() if self.wanted.get(prefix) is held)

    def wanted_where(self, condition: Callable[[KernelRoute], bool]) -> list[Prefix]:
        """List the prefixes whose wanted route meets a condition, which is asked once per distinct route."""
        verdicts: dict[int, bool] = {}
        found = []
        for prefix, held in self.wanted.items():
            verdict = verdicts.get(id(held.route))
            if verdict is None:
                verdict = verdicts[id(held.route)] = condition(held.route)
            if verdict:
                found.append(prefix)
        return found

    def drop_others_where(self, condition: Callable[[KernelRoute], bool]) -> None:
        """Empty the slots of other routes that meet a condition."""
        for prefix, routes in list(self.others.items()):
            for metric in [metric for metric, route in routes.items() if condition(route)]:
                self._drop_other(prefix, metric)

    def _drop_other(self, prefix: Prefix, metric: int) -> None:
        self.others[prefix].pop(metric, None)
        if not self.others[prefix]:
            del self.others[prefix]
