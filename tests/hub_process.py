"""A real JupyterHub with its proxy, users' servers and the meeting service, as processes.

Hub, proxy and service have each their own life: any of them can be killed and started again
while the others go on, as in an installation.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote, urlsplit

from tests.hub_visitor import Answer, Visitor
from tests.jupyter_process import free_port

READY_TIMEOUT_S = 120.0
POLL_S = 0.1
PASSWORD = "correct horse"
ADMIN_TOKEN = "rig-admin-token-0123456789abcdef"
PROXY_TOKEN = "rig-proxy-token-0123456789abcdef"
SERVICE_TOKEN = "rig-service-token-0123456789abcdef"
MARK = "MEETWIDGET_TEST_RIG"
"""In the environment of everything a rig starts, so that it ends that and nothing else."""
PROXY = Path(__file__).parents[1] / "js" / "node_modules" / ".bin" / "configurable-http-proxy"

ServiceKind = Literal["managed", "external", "none"]

_CONFIG = """
import pathlib
import sys
c = get_config()
c.JupyterHub.bind_url = {bind_url!r}
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.cookie_secret_file = "cookie_secret"
c.JupyterHub.subdomain_host = {subdomain_host!r}
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_api_port}"
c.ConfigurableHTTPProxy.auth_token = {proxy_token!r}
c.ConfigurableHTTPProxy.check_running_interval = 1
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
c.JupyterHub.log_level = "INFO"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allow_all = True
c.Authenticator.delete_invalid_users = False
c.JupyterHub.spawner_class = "jupyterhub.spawner.SimpleLocalProcessSpawner"
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r} + "/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.environment = {environment!r}

def no_questions(spawner):
    home = spawner.home_dir_template.format(username=spawner.user.name)
    folder = pathlib.Path(home, ".jupyter", "lab", "user-settings", "@jupyterlab", "apputils-extension")
    folder.mkdir(parents=True, exist_ok=True)
    quiet = '{{"fetchNews": "false", "checkForUpdates": false}}'
    (folder / "notification.jupyterlab-settings").write_text(quiet)

c.Spawner.pre_spawn_hook = no_questions
c.JupyterHub.services = [{{"name": "rig-admin", "api_token": {admin_token!r}}}]
c.JupyterHub.load_groups = {groups!r}
c.JupyterHub.load_roles = [{{"name": "rig-admin", "services": ["rig-admin"], "scopes": [
    "admin:users", "admin:servers", "admin:groups", "tokens", "access:servers",
    "list:services", "read:hub", "proxy", "shares"]}}]
"""


class HubProcess:
    """One hub: same ports, users, database and secrets after every restart."""

    def __init__(
        self,
        folder: Path,
        *,
        service: ServiceKind = "managed",
        base_url: str = "/",
        subdomain_host: str = "",
        tls: bool = False,
        groups: Mapping[str, Sequence[str]] | None = None,
        config: str = "",
        service_config: str = "",
        setup: Mapping[str, Any] | None = None,
    ) -> None:
        """Prepares a hub; :meth:`start` starts it.

        Args:
            folder: everything it writes goes here.
            service: who starts the meeting service: the hub, this rig, or nobody.
            base_url: where the hub lives, with a final slash.
            subdomain_host: a host such as ``hub.localhost``; each user then has a domain.
            tls: whether the proxy serves https, with a self-signed certificate (:attr:`ca`).
            groups: names of groups and of their members.
            config: added to ``jupyterhub_config.py``, after everything else.
            service_config: the meeting service's own configuration file.
            setup: further arguments of :func:`meetwidget_server.hub.enable`.
        """
        self.folder = folder
        self.service = service
        self.base_url = base_url
        self.host = subdomain_host or "127.0.0.1"
        """How people reach it."""
        self.port = free_port()
        self.hub_port = free_port()
        self.proxy_api_port = free_port()
        self.service_port = free_port()
        self.tls = tls
        self.log = folder / "hub.log"
        """Of the hub and of all it starts: users' servers and a managed service."""
        self.proxy_log = folder / "proxy.log"
        self.service_log = folder / "service.log"
        self.service_config = folder / "meet_config.py"
        self.ca = folder / "certificate.pem"
        self._setup = dict(setup or {})
        self._hub: subprocess.Popen[bytes] | None = None
        self._proxy: subprocess.Popen[bytes] | None = None
        self._service: subprocess.Popen[bytes] | None = None
        for name in ("hub", "meet", "homes"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        if tls:
            self._make_certificate()
        scheme = "https" if tls else "http"
        values = {
            "bind_url": f"{scheme}://127.0.0.1:{self.port}{base_url}",
            "hub_port": self.hub_port,
            "subdomain_host": f"{scheme}://{subdomain_host}:{self.port}" if subdomain_host else "",
            "proxy_api_port": self.proxy_api_port,
            "proxy_token": PROXY_TOKEN,
            "password": PASSWORD,
            "homes": str(folder / "homes"),
            "environment": {MARK: str(folder), "JUPYTER_PREFER_ENV_PATH": "1"},
            "admin_token": ADMIN_TOKEN,
            "groups": {name: {"users": list(users)} for name, users in (groups or {}).items()},
        }
        self.service_config.write_text(service_config)
        (folder / "hub" / "jupyterhub_config.py").write_text(
            _CONFIG.format(**values) + self._service_recipe() + config
        )

    # ---------------------------------------------------------------- addresses

    @property
    def url(self) -> str:
        """The hub's public base URL, with a final slash."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}{self.base_url}"

    @property
    def service_path(self) -> str:
        """Path of the meeting service, with a final slash."""
        return f"{self.base_url}services/meet/"

    @property
    def service_url(self) -> str:
        """The meeting service as people reach it, with a final slash."""
        host = f"meet--service.{self.host}" if self._subdomains else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{self.service_path}"

    @property
    def internal_service_url(self) -> str:
        """The meeting service as users' servers and kernels reach it, with a final slash."""
        return f"http://127.0.0.1:{self.service_port}{self.service_path}"

    @property
    def _subdomains(self) -> bool:
        return self.host != "127.0.0.1"

    def user_url(self, user: str) -> str:
        """The base URL of a user's server, with a final slash."""
        host = f"{user}.{self.host}" if self._subdomains else self.host
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{host}:{self.port}{self.base_url}user/{quote(user, safe='@~')}/"

    # ---------------------------------------------------------------------- life

    def start(self) -> Self:
        """Starts everything and returns when it answers."""
        try:
            self.start_proxy()
            if self.service == "external":
                self._spawn_service()
            self.start_hub()
            if self.service != "none":
                self._wait_for_service()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends everything that this rig started."""
        for process in (self._hub, self._service, self._proxy):
            self._end(process, signal.SIGKILL)
        self._hub = self._service = self._proxy = None
        for pid in self._marked():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start_hub(self) -> None:
        """Starts the hub; users' servers that live on are found again."""
        self._hub = self._popen(
            [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py"],
            self.folder / "hub",
            self.log,
            {},
        )
        self._wait(self._hub_answers, lambda: self._hub, self.log, "The hub")

    def kill_hub(self) -> None:
        """Ends the hub as a crash would; proxy and users' servers go on, a managed service too."""
        self._end(self._hub, signal.SIGKILL)
        self._hub = None

    def stop_hub(self) -> None:
        """Stops the hub as an admin does; with it a managed service."""
        self._end(self._hub, signal.SIGTERM)
        self._hub = None

    def restart_hub(self, *, crash: bool = False) -> None:
        """Stops or kills the hub, starts it and returns when it answers."""
        self.kill_hub() if crash else self.stop_hub()
        self.start_hub()
        if self.service != "none":
            self._wait_for_service()

    def start_proxy(self) -> None:
        """Starts the proxy; a running hub gives it its routes again."""
        tls = ["--ssl-key", str(self.folder / "key.pem"), "--ssl-cert", str(self.ca)]
        self._proxy = self._popen(
            [
                str(PROXY),
                *("--ip", "127.0.0.1", "--port", str(self.port)),
                *("--api-ip", "127.0.0.1", "--api-port", str(self.proxy_api_port)),
                *("--default-target", f"http://127.0.0.1:{self.hub_port}"),
                *("--error-target", f"http://127.0.0.1:{self.hub_port}{self.base_url}hub/error"),
                *(["--host-routing"] if self._subdomains else []),
                *(tls if self.tls else []),
            ],
            self.folder,
            self.proxy_log,
            {"CONFIGPROXY_AUTH_TOKEN": PROXY_TOKEN},
        )
        self._wait(
            lambda: _listens(self.port) and _listens(self.proxy_api_port),
            lambda: self._proxy,
            self.proxy_log,
            "The proxy",
        )

    def kill_proxy(self) -> None:
        """Ends the proxy, and with it every connection through it."""
        self._end(self._proxy, signal.SIGKILL)
        self._proxy = None

    def restart_proxy(self) -> None:
        """Kills the proxy, starts it and has the hub tell it the routes."""
        self.kill_proxy()
        self.start_proxy()
        answer = self.admin_api("POST", "proxy")
        assert answer.status < 300, answer.text

    def start_service(self) -> None:
        """Starts an external service and returns when it answers through the proxy."""
        assert self.service == "external"
        self._spawn_service()
        self._wait_for_service()

    def _spawn_service(self) -> None:
        self._service = self._popen(
            self.service_command(),
            self.folder / "meet",
            self.service_log,
            self.service_environment(),
        )

    def kill_service(self) -> None:
        """Ends the service as a crash would; the hub starts a managed one again by itself."""
        if self.service == "external":
            self._end(self._service, signal.SIGKILL)
            self._service = None
        else:
            for pid in self.pids("meetwidget_server.hub"):
                os.kill(pid, signal.SIGKILL)

    def stop_service(self) -> None:
        """Asks an external service to stop and waits until it has."""
        assert self.service == "external"
        self._end(self._service, signal.SIGTERM)
        self._service = None

    def restart_service(self, *, crash: bool = False) -> None:
        """Stops or kills the service and returns when a new one answers."""
        if self.service == "external":
            self.kill_service() if crash else self.stop_service()
            self.start_service()
            return
        before = self.pids("meetwidget_server.hub")
        for pid in before:
            os.kill(pid, signal.SIGKILL if crash else signal.SIGTERM)
        _until(lambda: not any(_environ(pid) for pid in before))
        self._wait_for_service()

    # -------------------------------------------------------------------- people

    def visitor(self) -> Visitor:
        """Returns a fresh browser profile."""
        return Visitor(self.url, self.tls_context())

    def tls_context(self) -> ssl.SSLContext | None:
        """What trusts this hub's certificate; ``None`` for plain HTTP."""
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=str(self.ca))
        context.check_hostname = False  # connections go to 127.0.0.1, whatever the host
        return context

    def login(self, user: str) -> Visitor:
        """Returns a browser in which ``user`` has signed in."""
        visitor = self.visitor()
        visitor.login(user, PASSWORD)
        return visitor

    def spawn(self, *users: str) -> None:
        """Starts the servers of these users, all at once, and waits until they are ready."""
        for user in users:
            self.admin_api("POST", f"users/{quote(user)}")  # 409 if there is one
            answer = self.admin_api("POST", f"users/{quote(user)}/server", {})
            assert answer.status in (201, 202) or "already" in answer.text, answer.text
        _until(lambda: all(self._ready(user) for user in users), READY_TIMEOUT_S)

    def _ready(self, user: str) -> bool:
        servers = self.admin_api("GET", f"users/{quote(user)}").json()["servers"]
        return bool(servers.get("", {}).get("ready"))

    def server_pid(self, user: str) -> int:
        """The process of a user's server."""
        (pid,) = (
            pid
            for pid in self.pids("jupyterhub.singleuser")
            if _environ(pid).get("JUPYTERHUB_USER") == user
        )
        return pid

    def server_environment(self, user: str) -> dict[str, str]:
        """The environment of a user's server, which its kernels inherit."""
        return _environ(self.server_pid(user))

    def server_token(self, user: str) -> str:
        """What a kernel of that user finds in ``$JUPYTERHUB_API_TOKEN``."""
        return self.server_environment(user)["JUPYTERHUB_API_TOKEN"]

    def viewer_token(self, user: str | Visitor, server_owner: str | None = None) -> str:
        """The token that JupyterLab's page on somebody's server holds for whoever looks at it.

        Args:
            user: who looks; signs in if this is a name.
            server_owner: whose server; the user's own by default. It must be running.
        """
        if isinstance(user, str):
            server_owner = server_owner or user
            user = self.login(user)
        assert server_owner is not None
        token = user.page_config(self.user_url(server_owner) + "lab")["token"]
        assert isinstance(token, str)
        assert token
        return token

    def api_token(self, user: str, **body: Any) -> str:
        """Makes an API token as on the hub's token page; ``scopes=[…]``, ``expires_in=…``."""
        answer = self.admin_api("POST", f"users/{quote(user)}/tokens", body)
        assert answer.status == 201, answer.text
        return str(answer.json()["token"])

    def admin_api(self, method: str, path: str, body: Any = None) -> Answer:
        """Calls the hub's REST API, below ``hub/api/``, as an admin."""
        return self.visitor().request(
            method,
            f"http://127.0.0.1:{self.hub_port}{self.base_url}hub/api/{path}",
            headers={"Authorization": f"token {ADMIN_TOKEN}", "Content-Type": "application/json"},
            body=None if body is None else json.dumps(body),
            cookies=False,
        )

    # ------------------------------------------------------------------- service

    def _service_recipe(self) -> str:
        if self.service == "none":
            return ""
        return _RECIPE.format(
            service_url=f"http://127.0.0.1:{self.service_port}",
            managed=self.service == "managed",
            token=SERVICE_TOKEN if self.service == "external" else None,
            setup=self._setup,
            service_config=str(self.service_config),
            mark={MARK: str(self.folder)},
            cwd=str(self.folder / "meet"),
        )

    def service_command(self) -> list[str]:
        """What starts an external meeting service."""
        return [sys.executable, "-m", "meetwidget_server.hub", f"--config={self.service_config}"]

    def service_environment(self) -> dict[str, str]:
        """What an admin gives an external service."""
        hub = f"http://127.0.0.1:{self.hub_port}{self.base_url}hub/"
        scopes = ["access:services", "access:services!service=meet"]
        found = {
            "JUPYTERHUB_SERVICE_NAME": "meet",
            "JUPYTERHUB_SERVICE_PREFIX": self.service_path,
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{self.service_port}",
            "JUPYTERHUB_API_TOKEN": SERVICE_TOKEN,
            "JUPYTERHUB_API_URL": f"{hub}api",
            "JUPYTERHUB_BASE_URL": self.base_url,
            "JUPYTERHUB_CLIENT_ID": "service-meet",
            "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps(scopes),
            "JUPYTERHUB_OAUTH_SCOPES": json.dumps(scopes),
        }
        if self._subdomains:
            scheme = "https" if self.tls else "http"
            service = f"{scheme}://meet--service.{self.host}:{self.port}"
            found |= {
                "JUPYTERHUB_HOST": f"{scheme}://{self.host}:{self.port}",
                "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{service}{self.service_path}oauth_callback",
                "JUPYTERHUB_PUBLIC_URL": f"{service}{self.service_path}",
                "JUPYTERHUB_PUBLIC_HUB_URL": f"{scheme}://{self.host}:{self.port}{self.base_url}hub/",
            }
        return found

    def _wait_for_service(self) -> None:
        log = self.service_log if self.service == "external" else self.log
        process = (lambda: self._service) if self.service == "external" else (lambda: self._hub)
        self._wait(self._service_answers, process, log, "The meeting service")

    def _service_answers(self) -> bool:
        if self.service == "managed" and not self._owns_service():
            return False
        if not _listens(self.service_port):
            return False
        try:
            answer = self.visitor().get(self.service_url + "api/health")
        except OSError:
            return False
        return answer.status == 200 and answer.json().get("status") == "ok"

    def _owns_service(self) -> bool:
        """Whether the service is this hub's own, not one that a crashed hub has left behind."""
        parents = {_parent(pid) for pid in self.pids("meetwidget_server.hub")}
        return self._hub is not None and parents == {self._hub.pid}

    # ----------------------------------------------------------------- processes

    def pids(self, words: str) -> list[int]:
        """Processes of this rig with these words on their command line."""
        return [pid for pid in self._marked() if words in _command(pid)]

    def _marked(self) -> list[int]:
        own = str(self.folder)
        found = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())
        return [pid for pid in found if pid != os.getpid() and _environ(pid).get(MARK) == own]

    def _popen(
        self, command: list[str], cwd: Path, log: Path, environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "MEETWIDGET", "CONFIGPROXY", "PYTEST"))
        }
        with log.open("ab") as out:
            return subprocess.Popen(
                command,
                cwd=cwd,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**kept, MARK: str(self.folder), **environment},
                start_new_session=True,
            )

    def _hub_answers(self) -> bool:
        try:
            return self.admin_api("GET", "info").status == 200
        except OSError:
            return False

    def _wait(
        self,
        ready: Callable[[], bool],
        process: Callable[[], subprocess.Popen[bytes] | None],
        log: Path,
        what: str,
    ) -> None:
        def settled() -> bool:
            running = process()
            return running is None or running.poll() is not None or ready()

        with contextlib.suppress(TimeoutError):
            _until(settled, READY_TIMEOUT_S)
        running = process()
        if running is None or running.poll() is not None or not ready():
            raise RuntimeError(f"{what} did not start:\n{log.read_text()[-6000:]}")

    @staticmethod
    def _end(process: subprocess.Popen[bytes] | None, how: signal.Signals) -> None:
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()

    def _make_certificate(self) -> None:
        names = f"DNS:localhost,DNS:{self.host},DNS:*.{self.host},IP:127.0.0.1"
        if not self._subdomains:
            names = "DNS:localhost,IP:127.0.0.1"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", "/CN=localhost", "-addext", f"subjectAltName={names}"),
                *("-keyout", str(self.folder / "key.pem"), "-out", str(self.ca)),
            ],
            check=True,
            capture_output=True,
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


_RECIPE = """
from meetwidget_server.hub import enable
enable(c, url={service_url!r}, managed={managed!r}, api_token={token!r}, **{setup!r})
for _service in c.JupyterHub.services:
    if _service["name"] == "meet" and {managed!r}:
        _service["command"] += ["--config=" + {service_config!r}]
        _service.setdefault("environment", {{}}).update({mark!r})
        _service["cwd"] = {cwd!r}
"""


def _environ(pid: int) -> dict[str, str]:
    try:
        content = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    pairs = (entry.partition("=") for entry in content.decode("utf-8", "replace").split("\0"))
    return {name: value for name, separator, value in pairs if separator}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _parent(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.partition("PPid:")[2].split()[0])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(condition: Callable[[], bool], seconds: float = READY_TIMEOUT_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("What was waited for did not happen.")
        time.sleep(POLL_S)


def host_of(url: str) -> str:
    """Returns host and port of an address, as the Host header has them."""
    return urlsplit(url).netloc
