"""What deploy/ offers: rules and a dashboard that ask for metrics there are; manifests with few rights."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bgpd.api.metric_table import METRICS
from bgpd.settings import parse_settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
LABELS = {metric.name: {*metric.labels, "instance", "job"} for metric in METRICS}


def documents(name: str) -> list[Any]:
    return list(YAML(typ="safe").load_all((DEPLOY / name).read_text()))


def rules() -> list[dict[str, Any]]:
    return [rule for group in documents("alerts.yaml")[0]["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DEPLOY / "dashboard.json").read_text())
    return loaded


def expressions() -> list[str]:
    asked = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return asked + [rule["expr"] for rule in rules()]


@pytest.mark.parametrize("expression", expressions())
def test_every_metric_and_label_asked_for_exists(expression):
    names = re.findall(r"\bbgp_\w+", expression)
    assert names or re.search(r"\b(process_\w+|up)\b", expression)
    assert [name for name in names if name not in LABELS] == []
    labels = re.findall(r"[{,] *(\w+)=", expression)
    for group in re.findall(r"\b(?:by|on) \(([\w, ]+)\)", expression):
        labels += group.split(", ")
    assert {label for label in labels if all(label not in LABELS[name] for name in names)} <= {
        "instance",
        "job",
    }


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_rules_are_complete_and_explained(rule):
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert set(rule["annotations"]) == {"summary", "description"}
    assert re.fullmatch(r"\d+[mhd]", rule.get("for", "1m"))
    names = re.findall(r"\bbgp_\w+", rule["expr"])
    known = {"instance", "job"}.union(*(LABELS[name] for name in names))
    assert set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))) <= known
    assert f"| `{rule['alert']}` |" in (ROOT / "docs" / "watching.md").read_text()


@pytest.mark.tools
def test_prometheus_takes_the_rules():
    if shutil.which("promtool") is None:
        pytest.skip("promtool (Debian's prometheus) is not installed")
    done = subprocess.run(
        ["promtool", "check", "rules", DEPLOY / "alerts.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_dashboard_has_what_grafana_needs():
    board = dashboard()
    assert {"uid", "title", "schemaVersion", "panels", "templating", "time"} <= set(board)
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells), "panels overlap"
    assert max(x for x, _ in cells) < 24
    variables = {variable["name"] for variable in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]\w*)", json.dumps(board)))
    assert used == variables


def test_pod_has_two_capabilities_and_is_no_root():
    (daemonset,) = documents("daemonset.yaml")
    pod = daemonset["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["capabilities"] == {
        "drop": ["ALL"],
        "add": ["NET_ADMIN", "NET_BIND_SERVICE"],
    }
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert "privileged" not in container["securityContext"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }


def test_pod_fits_the_daemon_the_image_and_the_rights():
    (daemonset,) = documents("daemonset.yaml")
    template = daemonset["spec"]["template"]
    assert daemonset["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
    pod = template["spec"]
    accounts = [document for document in documents("rbac.yaml") if document["kind"] == "ServiceAccount"]
    assert [account["metadata"]["name"] for account in accounts] == [pod["serviceAccountName"]]
    assert [account["metadata"]["namespace"] for account in accounts] == [daemonset["metadata"]["namespace"]]
    (container,) = pod["containers"]
    given = {row["name"]: row.get("value", "10.0.0.1") for row in container["env"]}
    given = {name: value.replace("$(HOST_IP)", given["HOST_IP"]) for name, value in given.items()}
    settings = parse_settings([], given)
    assert settings.metrics_address == ("10.0.0.1", 9179)
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["port"] == 9179
    user = f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}"
    assert f"USER {user}\n" in (DEPLOY / "Containerfile").read_text()


def test_image_copies_what_there_is_and_names_no_registry():
    text = (DEPLOY / "Containerfile").read_text()
    copied = [source for line in re.findall(r"(?m)^COPY (?!--)(.+) \S+$", text) for source in line.split()]
    assert {"records", "wire", "fsm", "rib", "bgpd", "pyproject.toml"} <= set(copied)
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert set(re.findall(r"(?m)^FROM (\S+)", text)) == {"${BASE}"}
