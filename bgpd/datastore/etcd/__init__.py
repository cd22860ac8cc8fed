"""etcd v3 in Calico's own layout (calico-reference.md section 13.1), so that calicoctl and bgpd share it."""

from bgpd.datastore.etcd.backend import EtcdBackend
from bgpd.datastore.etcd.client import Client
from bgpd.datastore.etcd.options import EtcdOptions

__all__ = ["Client", "EtcdBackend", "EtcdOptions"]
