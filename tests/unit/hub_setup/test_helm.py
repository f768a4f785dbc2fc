"""Helm values and manifests: the grants of ``enable(c)``, and connections that are open."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml
from meetwidget_server.hub import enable
from meetwidget_server.hub.deployment import Deployment
from meetwidget_server.hub.helm import TERMINATION_GRACE_S, manifests, on_kubernetes, values
from meetwidget_server.hub.yaml_text import Noted, yaml_text
from traitlets.config import Config

from tests.unit.hub_setup.configurations import granted

GRANTS: list[dict[str, Any]] = [
    {},
    {"moderators": ("group:instructors", "user:ada"), "everyone_joins": False},
    {"name": "talk", "port": 8123, "counts_activity": False},
]


def _as_the_chart_does(chart: dict[str, Any]) -> Config:
    """Makes of values what the chart's jupyterhub_config.py makes of them."""
    config = Config()
    for name, service in chart["hub"]["services"].items():
        config.JupyterHub.services.append({"name": name, "api_token": "seeded", **service})
    for name, role in chart["hub"]["loadRoles"].items():
        config.JupyterHub.load_roles.append({"name": name, **role})
    for section, settings in chart["hub"]["config"].items():
        config[section].update(settings)
    config.Spawner.environment.update(chart["singleuser"]["extraEnv"])
    return config


@pytest.mark.parametrize("grants", GRANTS)
@pytest.mark.parametrize("base_url", ["/", "/jupyter/"])
def test_values_grant_the_same_as_enable(grants: dict[str, Any], base_url: str) -> None:
    """The chart's hub has the services, roles and scopes of every other hub."""
    deployment = on_kubernetes(**grants)
    config = _as_the_chart_does(yaml.safe_load(values(deployment, base_url=base_url)))
    enabled = Config()
    enable(
        enabled,
        name=deployment.name,
        url=deployment.url,
        managed=False,
        api_token="seeded",
        moderators=deployment.moderators,
        everyone_joins=deployment.everyone_joins,
        count_meetings_as_activity=deployment.counts_activity,
    )
    config.JupyterHub.base_url = enabled.JupyterHub.base_url = base_url
    assert granted(config) == granted(enabled)


def _documents(deployment: Deployment, **options: Any) -> dict[str, dict[str, Any]]:
    return {d["kind"]: d for d in yaml.safe_load_all(manifests(deployment, **options))}


def _selects(rule: dict[str, Any], labels: dict[str, str]) -> bool:
    peers = rule.get("to", rule.get("from", []))
    wanted = [peer["podSelector"]["matchLabels"].items() for peer in peers]
    return any(set(labels.items()) >= set(one) for one in wanted)


def _opens(rules: list[dict[str, Any]], labels: dict[str, str], port: int) -> bool:
    return any(
        _selects(rule, labels) and port in [one["port"] for one in rule["ports"]] for rule in rules
    )


HUB = {"app": "jupyterhub", "component": "hub", "release": "hub"}
PROXY = {
    "app": "jupyterhub",
    "component": "proxy",
    "release": "hub",
    "hub.jupyter.org/network-access-hub": "true",
}
USER = {
    "app": "jupyterhub",
    "component": "singleuser-server",
    "hub.jupyter.org/network-access-hub": "true",
}


@pytest.mark.parametrize("grants", GRANTS)
def test_every_connection_is_allowed_at_both_ends(grants: dict[str, Any]) -> None:
    """Hub, proxy and users' pods may leave for the service, and it lets them in.

    The hub itself is the one that the chart's documented example forgets (issue #3871): its pod
    has not the label that lets others in.
    """
    deployment = on_kubernetes(**grants)
    chart = yaml.safe_load(values(deployment))
    documents = _documents(deployment)
    service = documents["Deployment"]["spec"]["template"]["metadata"]["labels"]
    policy = documents["NetworkPolicy"]["spec"]
    leaving = {
        "hub": (HUB, chart["hub"]),
        "proxy": (PROXY, chart["proxy"]["chp"]),
        "user": (USER, chart["singleuser"]),
    }
    for who, (labels, section) in leaving.items():
        assert _opens(section["networkPolicy"]["egress"], service, deployment.port), who
        assert _opens(policy["ingress"], labels, deployment.port), who
    assert _opens(policy["egress"], HUB, 8081)
    assert service["hub.jupyter.org/network-access-hub"] == "true"
    assert any(53 in [p["port"] for p in rule["ports"]] for rule in policy["egress"])


def test_nobody_else_is_let_in() -> None:
    """Another pod of the namespace cannot reach the service past the proxy."""
    policy = _documents(on_kubernetes())["NetworkPolicy"]["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert not _opens(policy["ingress"], {"app": "database"}, 10101)
    assert not _opens(policy["egress"], {"app": "database"}, 5432)


@pytest.mark.parametrize("grants", GRANTS)
def test_ports_names_and_paths_agree(grants: dict[str, Any]) -> None:
    """Service, pod, probes, policy and what servers are told name the same place."""
    deployment = on_kubernetes(**grants)
    documents = _documents(deployment, base_url="/jupyter/")
    chart = yaml.safe_load(values(deployment, base_url="/jupyter/"))
    pod = documents["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    service = documents["Service"]["spec"]
    address = chart["singleuser"]["extraEnv"]["MEETWIDGET_HUB_SERVICE"]
    path = f"/jupyter/services/{deployment.name}/"
    environment = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert address == f"http://{documents['Service']['metadata']['name']}:{deployment.port}{path}"
    assert chart["hub"]["services"][deployment.name]["url"] + path == address
    assert service["ports"][0]["port"] == deployment.port
    assert service["ports"][0]["targetPort"] == container["ports"][0]["name"]
    assert container["ports"][0]["containerPort"] == deployment.port
    assert set(service["selector"].items()) <= set(pod["metadata"]["labels"].items())
    assert documents["Deployment"]["spec"]["selector"]["matchLabels"] == service["selector"]
    assert environment["JUPYTERHUB_SERVICE_URL"] == f"http://0.0.0.0:{deployment.port}"
    assert environment["JUPYTERHUB_SERVICE_PREFIX"] == path
    assert environment["JUPYTERHUB_API_URL"] == "http://hub:8081/jupyter/hub/api"
    for probe in ("readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": f"{path}api/health", "port": "http"}


def test_the_token_comes_from_the_charts_secret() -> None:
    """No file of the admin's holds the token: the chart makes it, the pod reads it."""
    documents = _documents(on_kubernetes("talk"))
    (container,) = documents["Deployment"]["spec"]["template"]["spec"]["containers"]
    token = next(e for e in container["env"] if e["name"] == "JUPYTERHUB_API_TOKEN")
    reference = token["valueFrom"]["secretKeyRef"]
    assert reference == {"name": "hub", "key": "hub.services.talk.apiToken"}


def test_one_pod_writes_the_log() -> None:
    """Two pods at once, as a rolling update makes them, would fight for the log."""
    spec = _documents(on_kubernetes())["Deployment"]["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}
    volume = spec["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"]
    (container,) = spec["template"]["spec"]["containers"]
    mounted = container["volumeMounts"][0]["mountPath"]
    assert volume == _documents(on_kubernetes())["PersistentVolumeClaim"]["metadata"]["name"]
    assert f"--MeetRelay.database={mounted}/meet.sqlite" in container["args"]


def test_a_stopping_pod_has_the_time_to_drain() -> None:
    """Kubernetes waits longer than the service needs to send people away politely."""
    from meetwidget_server.hub.app import MeetHub

    spec = _documents(on_kubernetes())["Deployment"]["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] == TERMINATION_GRACE_S
    assert MeetHub().drain_timeout < TERMINATION_GRACE_S


def test_the_pods_command_starts(tmp_path: Any) -> None:
    """The service accepts the arguments that the manifest gives it."""
    documents = _documents(on_kubernetes(), settings={"MeetHub.allow_guests": True})
    (container,) = documents["Deployment"]["spec"]["template"]["spec"]["containers"]
    command = [sys.executable, *container["command"][1:], *container["args"], "--show-config"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"allow_guests\s*=\s*True", done.stdout)
    assert "/data/meet.sqlite" in done.stdout


@pytest.mark.parametrize(
    "value",
    [
        {"a": "true", "b": "no", "c": "1e3", "d": "x: y", "e": "- x", "f": " x", "g": ""},
        {"list": ["a:b", "x #y", "it's", '"q"', "100m", None, 1, 1.5, True], "none": {}, "no": []},
        {"n": [{"a": [{"b": "c"}], "d": {}}, {"e": "f:"}], "custom:meet:join": {"x": "@y"}},
    ],
)
def test_text_that_yaml_would_misread_is_quoted(value: dict[str, Any]) -> None:
    """What is written is what is read back."""
    assert yaml.safe_load(yaml_text(value)) == value


def test_notes_are_comments() -> None:
    """Notes stand above their key and change nothing."""
    text = yaml_text({"a": Noted({"b": 1}, b="one\ntwo")})
    assert text == "a:\n  # one\n  # two\n  b: 1\n"


def test_a_hub_with_domains_tells_the_service_its_own() -> None:
    """With a domain per user, the pod knows where browsers find it and the hub."""
    deployment = on_kubernetes()
    documents = _documents(deployment, subdomain_host="https://hub.example.org")
    (container,) = documents["Deployment"]["spec"]["template"]["spec"]["containers"]
    environment = {entry["name"]: entry.get("value") for entry in container["env"]}
    service = "https://meet--service.hub.example.org/services/meet/"
    assert environment["JUPYTERHUB_PUBLIC_URL"] == service
    assert environment["JUPYTERHUB_OAUTH_CALLBACK_URL"] == f"{service}oauth_callback"
    assert environment["JUPYTERHUB_PUBLIC_HUB_URL"] == "https://hub.example.org/hub/"
