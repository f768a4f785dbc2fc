"""``meetwidget-hub``: what an administrator of a hub does with meetwidget in a terminal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from meetwidget_server.hub.deployment import (
    DEFAULT_NAME,
    DEFAULT_PORT,
    DEFAULT_URL,
    Deployment,
    SetupError,
)
from meetwidget_server.hub.records import CommandError, add_commands

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code: 0, 1 if something is wrong, 2 for bad usage."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["serve"]:  # everything after it is the service's own
        from meetwidget_server.hub.app import main as serve

        serve(given[1:])
        return 0
    arguments = _parser().parse_args(given)
    run: Command = arguments.run
    try:
        return run(arguments)
    except (CommandError, SetupError) as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("Stopped.")
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _fail(f"{name}{error.strerror or error}.")


def _fail(sentence: str) -> int:
    sys.stderr.write(f"meetwidget-hub: {sentence}\n")
    return 1


def _say(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


# ----------------------------------------------------------------------------- the commands


def _config(arguments: argparse.Namespace) -> int:
    from meetwidget_server.hub.plain import plain

    deployment = Deployment(
        name=arguments.name, url=arguments.url or DEFAULT_URL, **_grants(arguments)
    )
    settings = _settings(arguments) if not arguments.external else {}
    _say(
        plain(
            deployment,
            managed=not arguments.external,
            settings=settings,
            base_url=arguments.base_url,
            service_url_for_servers=arguments.service_url_for_servers,
            subdomain_host=arguments.subdomain_host,
        )
    )
    return 0


def _helm(arguments: argparse.Namespace) -> int:
    from meetwidget_server.hub.helm import manifests, on_kubernetes, values

    deployment = on_kubernetes(arguments.name, arguments.port, **_grants(arguments))
    if arguments.manifests:
        _say(
            manifests(
                deployment,
                base_url=arguments.base_url,
                image=arguments.image,
                settings=_settings(arguments),
                storage=arguments.storage,
                subdomain_host=arguments.subdomain_host,
            )
        )
    else:
        _say(values(deployment, base_url=arguments.base_url))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from meetwidget_server.hub.check import check_config
    from meetwidget_server.hub.findings import report
    from meetwidget_server.hub.probe import Place, check_live

    if arguments.config:
        findings = check_config(arguments.config, arguments.name)
    else:
        place = Place.of(
            os.environ,
            hub_api=arguments.hub_api,
            token=arguments.token,
            service=arguments.service,
            public=arguments.url,
            name=arguments.name,
        )
        findings = check_live(place)
    text, code = report(findings)
    _say(text)
    return code


def _policy(arguments: argparse.Namespace) -> int:
    from meetwidget_server.policy import Policy, PolicyError, Subject
    from meetwidget_server.policy.explain import explain

    try:
        policy = Policy.load(arguments.file, allow_guests=arguments.allow_guests)
    except PolicyError as error:
        raise CommandError(str(error)) from None
    if arguments.user is None:
        _say(f"{arguments.file or 'The built-in policy'} can be read.")
        return 0
    subject = Subject(
        arguments.user,
        "kernel" if arguments.kernel else "person",
        frozenset(name for names in arguments.group for name in names.split(",")),
        frozenset(arguments.scope or ["custom:meet:join"]),
        arguments.admin,
    )
    _say(explain(policy, subject, arguments.room))
    return 0


def _grants(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "moderators": tuple(arguments.moderator),
        "everyone_joins": not arguments.not_everyone_joins,
        "counts_activity": not arguments.no_activity,
    }


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    from meetwidget_server.hub.setup import service_options

    pairs = (option.partition("=") for option in arguments.option)
    return service_options(
        policy=arguments.policy,
        allow_guests=arguments.allow_guests,
        count_meetings_as_activity=not arguments.no_activity,
        options={name: value for name, _, value in pairs},
    )


# ------------------------------------------------------------------------------ the parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="meetwidget-hub", description="Meetings for everybody on a JupyterHub."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    commands.add_parser(
        "serve",
        help="run the service (the same as python -m meetwidget_server.hub)",
        add_help=False,
    )
    _add_config(commands)
    _add_helm(commands)
    _add_check(commands)
    _add_policy(commands)
    add_commands(commands)
    return parser


def _add_config(commands: Any) -> None:
    parser = commands.add_parser(
        "config", help="print the configuration that enable(c) adds, to read or to paste"
    )
    parser.set_defaults(run=_config)
    _add_granting(parser)
    parser.add_argument("--url", help=f"where the service listens, {DEFAULT_URL} by default")
    parser.add_argument("--external", action="store_true", help="you start the service yourself")
    parser.add_argument(
        "--service-url-for-servers", metavar="URL", help="by which users' servers reach the service"
    )


def _add_helm(commands: Any) -> None:
    from meetwidget_server.hub.helm import IMAGE

    parser = commands.add_parser("helm", help="print values for Zero to JupyterHub")
    parser.set_defaults(run=_helm)
    _add_granting(parser)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="the service's port")
    parser.add_argument(
        "--manifests", action="store_true", help="print the service's Kubernetes manifests instead"
    )
    parser.add_argument("--image", default=IMAGE, help="container image with meetwidget[hub]")
    parser.add_argument("--storage", default="1Gi", help="size of the volume for the rooms")


def _add_granting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default=DEFAULT_NAME, help="name of the service")
    parser.add_argument("--base-url", default="/", help="the hub's base URL")
    parser.add_argument(
        "--subdomain-host",
        default="",
        metavar="URL",
        help="c.JupyterHub.subdomain_host, if users have domains",
    )
    parser.add_argument(
        "--moderator",
        action="append",
        default=[],
        metavar="group:NAME",
        help="who moderates every room (group:NAME or user:NAME); may be given several times",
    )
    parser.add_argument(
        "--not-everyone-joins",
        action="store_true",
        help="only those join to whom a role of yours gives custom:meet:join",
    )
    parser.add_argument(
        "--no-activity",
        action="store_true",
        help="a meeting does not keep a user's server from being culled",
    )
    parser.add_argument("--policy", type=Path, help="file that says who may do what in which room")
    parser.add_argument(
        "--allow-guests", action="store_true", help="people without an account may come by a link"
    )
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="Class.name=value",
        help="a further setting of the service, like MeetRelay.max_participants=50",
    )


def _add_check(commands: Any) -> None:
    parser = commands.add_parser(
        "check", help="say what is missing, with the line to add; in a user's server or on the hub"
    )
    parser.set_defaults(run=_check)
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="check this jupyterhub_config.py, nothing live"
    )
    parser.add_argument("--hub-api", metavar="URL", help="like http://127.0.0.1:8081/hub/api")
    parser.add_argument("--token", help="ask as this token; $JUPYTERHUB_API_TOKEN by default")
    parser.add_argument("--service", metavar="URL", help="the service, with its final slash")
    parser.add_argument(
        "--url", help="the hub as browsers reach it: checks the way through what is in front of it"
    )
    parser.add_argument("--name", default=DEFAULT_NAME, help="name of the service")


def _add_policy(commands: Any) -> None:
    parser = commands.add_parser(
        "policy", help="check a policy file, and say what it lets somebody do in a room and why"
    )
    parser.set_defaults(run=_policy)
    parser.add_argument(
        "file", type=Path, nargs="?", help="the policy (TOML); without it the built-in one"
    )
    parser.add_argument("--user", metavar="NAME", help="say what this user may do")
    parser.add_argument("--room", default="physics-101", help="in this room")
    parser.add_argument(
        "--group",
        "--groups",
        action="append",
        default=[],
        metavar="NAME,…",
        help="the user's groups",
    )
    parser.add_argument(
        "--scope", action="append", help="a scope of the user's; custom:meet:join by default"
    )
    parser.add_argument("--admin", action="store_true", help="the user administers the hub")
    parser.add_argument("--kernel", action="store_true", help="their kernel, not they themselves")
    parser.add_argument("--allow-guests", action="store_true", help="as the service is set")


if __name__ == "__main__":
    sys.exit(main())
