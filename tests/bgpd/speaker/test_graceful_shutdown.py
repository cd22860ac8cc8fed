"""A node that is drained asks everybody to prefer other ways, on the sessions it has (RFC 8326)."""

from tests.bgpd.speaker.cluster import Cluster, until
from wire import parse_prefix

DRAINED = {"bgpd.io/graceful-shutdown": "true"}


class Draining(Cluster):
    """A cluster whose first node can be marked as going away."""

    def __init__(self, count):
        super().__init__(count)
        self.annotations = {}

    def documents(self):
        for document in super().documents():
            if document["kind"] == "Node" and document["metadata"]["name"] == "n1":
                document["metadata"]["annotations"] = self.annotations
            yield document


def attributes(member, prefix):
    family, octets = parse_prefix(prefix)
    return [row.attributes for row in member.speaker.tables.router.routes(family, prefix=octets)]


async def test_annotation_of_the_node_reaches_every_peer_and_no_session_falls():
    cluster = Draining(2)
    try:
        await cluster.up()
        first, second = cluster.members.values()
        (before,) = attributes(second, "10.244.1.0/26")
        since = second.peer(cluster.key("n1")).session.established_at

        cluster.annotations = DRAINED
        cluster.apply()
        await until(lambda: attributes(second, "10.244.1.0/26")[0].local_pref == 0)
        assert 0xFFFF0000 in attributes(second, "10.244.1.0/26")[0].community_list
        assert attributes(first, "10.244.2.0/26")[0].local_pref != 0

        cluster.annotations = {}
        cluster.apply()
        await until(lambda: attributes(second, "10.244.1.0/26") == [before])
        assert second.peer(cluster.key("n1")).session.established_at == since
    finally:
        await cluster.close()
