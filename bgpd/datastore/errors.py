"""What a datastore refuses, in words an operator can act on (calico-reference.md section 1.6)."""


class DatastoreError(Exception):
    """Anything a datastore refuses or cannot do."""


class UnsupportedError(DatastoreError):
    """A URL, backend or operation that this datastore does not have."""


class UnreachableError(DatastoreError):
    """The datastore cannot be read or written now; what was read before stays in force."""


class RefusedError(DatastoreError):
    """The datastore answers and does not let us: credentials, permissions, or a request it does not take."""


class NotFoundError(DatastoreError):
    """There is no such resource."""

    def __init__(self, resource: str, reason: str = "not found") -> None:
        super().__init__(f"resource does not exist: {resource} with error: {reason}")


class ExistsError(DatastoreError):
    """A resource of that name exists already."""

    def __init__(self, resource: str, where: str = "") -> None:
        reason = f"it is in {where}" if where else "the name is taken"
        super().__init__(f"resource already exists: {resource} with error: {reason}")


class ConflictError(DatastoreError):
    """Somebody else changed the resource since it was read."""

    def __init__(self, resource: str, given: str, latest: str) -> None:
        super().__init__(
            f"update conflict: {resource}: resource version '{given}' is out of date (latest: {latest}). "
            "Get the resource again and repeat the change, or leave resourceVersion out to overwrite"
        )
