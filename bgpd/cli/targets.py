"""The resources that a command is about: by documents of files, or by kind and name."""

from bgpd.cli.duplicates import Duplicates
from bgpd.cli.inputs import Input, read_inputs
from bgpd.cli.state import Failure
from bgpd.cli.store import told
from bgpd.resources import KINDS, KindInfo, Resource, ResourceError
from bgpd.resources.editing import for_create, for_replace
from records import field, record

NO_INPUT = Input({}, "")


@record
class Target:
    """One resource that is meant: by a document (`given`) or by name alone; equal when they mean the same."""

    info: KindInfo
    name: str
    namespace: str | None
    given: Input = field(default=NO_INPUT, compare=False)

    def __str__(self) -> str:
        return f"{self.info.kind.lower()}/{self.name}"

    @property
    def key(self) -> str:
        """Its key among the resources of its kind (`Resource.key`)."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def created(self) -> Resource:
        """Return what `create` stores of the document. Raises Failure."""
        with told():
            return for_create(self.given.document, self.given.where)

    def replacing(self, stored: Resource) -> Resource:
        """Return what `replace` and `apply` store in place of `stored`. Raises ResourceError."""
        return for_replace(stored, self.given.document, self.given.where)


def read_targets(
    files: tuple[str, ...], *, recursive: bool, skip_empty: bool, repeated: bool = False
) -> list[Target]:
    """Read the files and judge every document; `repeated`: a resource may stand in more than one.

    Raises Failure with all that is wrong.
    """
    targets, wrong = [], []
    duplicates = Duplicates()
    for given in read_inputs(files, recursive=recursive, skip_empty=skip_empty):
        try:
            resource = for_create(given.document, given.where)
        except ResourceError as error:
            wrong.append(str(error))
        else:
            target = Target(KINDS[resource.kind], resource.name, resource.metadata.namespace, given)
            fault = duplicates.meet(target, str(resource), given.where, given.line)
            if fault is None:
                targets.append(target)
            elif not repeated:
                wrong.append(str(fault))
    if wrong:
        raise Failure("\n".join(wrong), "nothing was written; repair the input first")
    return targets
