"""What the daemon does without: looked at in processes of their own, since tests have loaded everything."""

import importlib
import json
import subprocess
import sys

import pytest

from bgpd.datastore import is_remote
from bgpd.spared import spared

_RUN = """
import json, sys
from bgpd.main import main
status = main(sys.argv[1:])
import asyncio.sslproto
print(json.dumps([status, sorted(sys.modules), asyncio.sslproto.ssl is not None]))
"""
_OPENSSL = {"ssl", "_ssl", "_hashlib"}
_FOR_PLUGINS = {"importlib.metadata", "zipfile"}
_ARCHIVERS = {"bz2", "lzma", "zlib"}


def _run(*arguments: str) -> tuple[int, set[str], bool]:
    """Give the exit status, what was loaded, and whether asyncio knows TLS."""
    command = [sys.executable, "-c", _RUN, "--check", "--node", "n1", *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    status, loaded, tls = json.loads(output.splitlines()[-1])
    return status, set(loaded), tls


def test_with_files_no_openssl_no_loader_of_plugins_and_no_archiver_is_loaded(tmp_path):
    node = {"apiVersion": "projectcalico.org/v3", "kind": "Node", "metadata": {"name": "n1"}}
    node["spec"] = {"bgp": {"ipv4Address": "10.0.0.1/24"}}
    (tmp_path / "node.json").write_text(json.dumps(node))
    status, loaded, tls = _run("--datastore", f"file://{tmp_path}")
    assert (status, tls) == (0, False)
    assert not loaded & (_OPENSSL | _FOR_PLUGINS | _ARCHIVERS)


@pytest.mark.parametrize("url", ["etcds://127.0.0.1:1", "kubernetes://nowhere"])
def test_with_a_datastore_across_the_network_asyncio_knows_tls(url, monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    status, loaded, tls = _run("--datastore", url)
    assert (status, tls) == (2, True)
    assert "ssl" in loaded


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("file:///etc/bgpd/resources", False),
        ("/etc/bgpd/resources", False),
        ("etcd", False),
        ("etcd://127.0.0.1:2379", True),
        ("etcds://127.0.0.1:2379", True),
        ("kubernetes://", True),
    ],
)
def test_which_datastores_are_remote(url, remote):
    assert is_remote(url) is remote


def test_what_is_spared_can_be_imported_later(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with spared("this"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("this")
    assert "this" not in sys.modules


def test_what_is_loaded_already_stays():
    with spared("json"):
        assert importlib.import_module("json") is json
    assert sys.modules["json"] is json
