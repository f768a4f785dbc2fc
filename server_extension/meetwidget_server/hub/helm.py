"""The same grants for Zero to JupyterHub: values for its chart, and manifests for the service.

On Kubernetes the service has a pod of its own (a service that the hub starts would restart with
it, and the chart's network policies keep the hub from a service in its own pod: issue #3871 of
zero-to-jupyterhub-k8s). Every connection it needs is allowed by the labels of the pods, on both
ends, because some networks (Cilium) do not apply rules by address range to pods.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meetwidget_server.hub.deployment import (
    DEFAULT_NAME,
    DEFAULT_PORT,
    SERVER_DEFAULT_SCOPES,
    SERVICE_VARIABLE,
    Deployment,
    arguments,
)
from meetwidget_server.hub.yaml_text import Noted, yaml_text

HUB_API_PORT = 8081
"""Port of the chart's ``hub`` service."""
TERMINATION_GRACE_S = 60
"""Seconds a stopping pod may take; longer than the service takes to drain."""
IMAGE = "REGISTRY/meetwidget:VERSION"
"""Placeholder: build one as ``docs/deploy/kubernetes.md`` shows."""
_USER = 1000
_DATA = "/data"


def on_kubernetes(name: str = DEFAULT_NAME, port: int = DEFAULT_PORT, **grants: Any) -> Deployment:
    """Returns the description of a service that has a Kubernetes service of its own name."""
    return Deployment(name=name, url=f"http://{name}:{port}", **grants)


def values(deployment: Deployment, *, base_url: str = "/") -> str:
    """Returns values for the chart, to be merged into the admin's ``config.yaml``."""
    rule = {
        "to": [{"podSelector": {"matchLabels": _labels(deployment)}}],
        "ports": [{"protocol": "TCP", "port": deployment.port}],
    }
    egress = {"networkPolicy": {"egress": [rule]}}
    service = deployment.service()
    del service["name"]  # the chart takes the key
    roles: dict[str, Any] = {"user": {"scopes": ["self", *deployment.user_scopes]}}
    for role in deployment.roles:
        roles[role["name"]] = {key: value for key, value in role.items() if key != "name"}
    tokens = {
        "server_token_scopes": [*SERVER_DEFAULT_SCOPES, *deployment.server_token_scopes],
        "oauth_client_allowed_scopes": deployment.viewer_token_scopes,
    }
    hub = Noted(
        {
            "services": {deployment.name: service},
            "loadRoles": roles,
            "config": {
                "JupyterHub": {"custom_scopes": deployment.custom_scopes},
                "Spawner": tokens,
            },
            **egress,
        },
        services="The chart makes the token itself and keeps it in its secret.",
        loadRoles="Have you a role 'user' already? Then add the scopes below to it.",
        config="Lists of yours are replaced, not merged: add the scopes to them.",
        networkPolicy="The hub asks whether the service is up; without an answer it may not start.",
    )
    return _HEAD.format(name=deployment.name) + yaml_text(
        Noted(
            {
                "hub": hub,
                "proxy": {"chp": egress},
                "singleuser": Noted(
                    {"extraEnv": {SERVICE_VARIABLE: deployment.base_url(base_url)}, **egress},
                    networkPolicy="Users' pods reach no address inside the cluster by default.",
                ),
            },
            proxy="Browsers reach the service through the proxy.",
        )
    )


_HEAD = """\
# Meetings for everybody on the hub: merge this into your config.yaml, then run helm upgrade.
# The service itself: meetwidget-hub helm --manifests | kubectl apply --namespace … -f -
"""


def manifests(
    deployment: Deployment,
    *,
    base_url: str = "/",
    image: str = IMAGE,
    settings: Mapping[str, Any] | None = None,
    storage: str = "1Gi",
    subdomain_host: str = "",
) -> str:
    """Returns Kubernetes manifests of the service, for the namespace of the hub.

    Args:
        deployment: What the values grant; its name and port are used.
        base_url: The hub's base URL (``hub.baseUrl`` of the chart).
        image: Container image that has meetwidget with its extra ``hub``.
        settings: The service's traits by their full names.
        storage: Size of the volume for the room logs.
        subdomain_host: ``c.JupyterHub.subdomain_host``, if users have domains.
    """
    documents = [
        _claim(deployment, storage),
        _pod(deployment, base_url, subdomain_host, image, dict(settings or {})),
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _named(deployment),
            "spec": {
                "selector": _labels(deployment),
                "ports": [{"name": "http", "port": deployment.port, "targetPort": "http"}],
            },
        },
        _network_policy(deployment),
    ]
    return "---\n".join(yaml_text(document) for document in documents)


def _labels(deployment: Deployment) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "meetwidget",
        "app.kubernetes.io/instance": deployment.name,
    }


def _named(deployment: Deployment) -> dict[str, Any]:
    return {"name": deployment.name, "labels": _labels(deployment)}


def _claim(deployment: Deployment, storage: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": _named(deployment),
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": storage}},
        },
    }


def _pod(
    deployment: Deployment,
    base_url: str,
    subdomain_host: str,
    image: str,
    settings: dict[str, Any],
) -> dict[str, Any]:
    labels = _labels(deployment)
    settings = {
        "MeetRelay.database": f"{_DATA}/meet.sqlite",
        "MeetHub.log_format": "json",
    } | settings
    health = {"path": f"{_path(deployment, base_url)}api/health", "port": "http"}
    container = Noted(
        {
            "name": deployment.name,
            "image": image,
            "command": ["python", "-m", "meetwidget_server.hub"],
            "args": arguments(settings),
            "env": _environment(deployment, base_url, subdomain_host),
            "ports": [{"name": "http", "containerPort": deployment.port}],
            "readinessProbe": {"httpGet": health, "periodSeconds": 2, "failureThreshold": 3},
            "livenessProbe": {"httpGet": health, "periodSeconds": 10, "failureThreshold": 6},
            "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}},
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            },
            "volumeMounts": [{"name": "data", "mountPath": _DATA}],
        },
        resources="One core carries many rooms: docs/performance.md has the figures.",
    )
    pod = Noted(
        {
            "enableServiceLinks": False,
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": TERMINATION_GRACE_S,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": _USER,
                "runAsGroup": _USER,
                "fsGroup": _USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": deployment.name}}],
        },
        terminationGracePeriodSeconds="Longer than MeetHub.drain_timeout: meetings are told to reconnect.",
    )
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _named(deployment),
        "spec": Noted(
            {
                "replicas": 1,
                "strategy": {"type": "Recreate"},
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": Noted(
                        {"labels": {**labels, "hub.jupyter.org/network-access-hub": "true"}},
                        labels="The last one lets this pod through to the hub's API.",
                    ),
                    "spec": pod,
                },
            },
            replicas="One, and never two for a moment: the log (SQLite) has a single writer.",
        ),
    }


def _environment(
    deployment: Deployment, base_url: str, subdomain_host: str
) -> list[dict[str, Any]]:
    name = deployment.name
    plain = deployment.environment(
        base_url=base_url,
        hub_api=f"http://hub:{HUB_API_PORT}",
        listen_url=f"http://0.0.0.0:{deployment.port}",
        subdomain_host=subdomain_host,
    )
    token = {"name": "hub", "key": f"hub.services.{name}.apiToken"}
    return [
        {"name": "JUPYTERHUB_API_TOKEN", "valueFrom": {"secretKeyRef": token}},
        *({"name": key, "value": value} for key, value in plain.items()),
    ]


def _path(deployment: Deployment, base_url: str) -> str:
    address = deployment.base_url(base_url)
    return address[address.index("/", len("https://")) :]


def _network_policy(deployment: Deployment) -> dict[str, Any]:
    def pods(component: str) -> dict[str, Any]:
        return {"podSelector": {"matchLabels": {"app": "jupyterhub", "component": component}}}

    ports = [{"protocol": "TCP", "port": deployment.port}]
    dns = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
    spec = Noted(
        {
            "podSelector": {"matchLabels": _labels(deployment)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {
                    "from": [pods("proxy"), pods("hub"), pods("singleuser-server")],
                    "ports": ports,
                }
            ],
            "egress": [
                {"to": [pods("hub")], "ports": [{"protocol": "TCP", "port": HUB_API_PORT}]},
                {"ports": dns},
            ],
        },
        ingress="Browsers come through the proxy; the hub asks whether we are up; servers and\n"
        "their kernels come directly. Have you set nameOverride? Then app is that name.",
    )
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _named(deployment),
        "spec": spec,
    }
