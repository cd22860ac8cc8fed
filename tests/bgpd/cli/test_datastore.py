"""Moving a cluster: out of one datastore, into another."""

from pathlib import Path

from click.testing import CliRunner, Result

from bgpd.cli.main import bgpctl

SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: bgp, namespace: kube-system}
stringData: {password: hunter2}
"""


def on(directory: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(
        bgpctl, ["--datastore", f"file://{directory}", "datastore", *arguments], input=stdin
    )


def test_an_export_imported_elsewhere_is_the_same_cluster(store: Path, tmp_path: Path) -> None:
    exported = on(store, "export")
    assert exported.exit_code == 0
    assert "resourceVersion" not in exported.output
    other = tmp_path / "other"
    imported = on(other, "import", "-f", "-", stdin=exported.output)
    assert imported.exit_code == 0, imported.output
    assert on(other, "export").output == exported.output
    again = on(other, "import", "-f", "-", stdin=exported.output)
    assert {line.rpartition(" ")[2] for line in again.output.splitlines()[:-1]} == {"unchanged"}


def test_secrets_are_exported_on_request_alone(store: Path) -> None:
    (store / "secret.yaml").write_text(SECRET)
    assert "hunter2" not in on(store, "export").output
    assert "hunter2" in on(store, "export", "--secrets").output


def test_nothing_is_exported_while_something_is_invalid(store: Path) -> None:
    (store / "bad.yaml").write_text(
        "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: x}\nspec: {as: 1}"
    )
    result = on(store, "export")
    assert result.exit_code == 1
    assert "BGPPeer(x) spec.as: unknown field" in result.output
    assert "apiVersion" not in result.output
