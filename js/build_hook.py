"""Builds the front end when a distribution is built from a checkout.

Own code instead of ``hatch-jupyter-builder`` for two measured reasons: its ``skip-if-exists``
keeps a stale bundle, and it runs ``npm install``, which may drift from the lock file.
An sdist carries the bundle, so a wheel made from one needs no Node.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs ``npm ci`` and ``npm run build`` unless the bundle is newer than its sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Makes ``meetwidget/static`` and ``meetwidget/labextension`` current, or says what is missing."""
        root = Path(self.root)
        js = root / "js"
        made = root / "meetwidget"
        bundles = [
            *(made / "static" / name for name in ("widget.js", "page.js")),
            made / "labextension" / "package.json",
        ]
        sources = [*(js / "src").rglob("*"), *js.glob("*.json"), *js.glob("*.mjs")]
        newest = max((path.stat().st_mtime for path in sources if path.is_file()), default=0.0)
        from_sdist = (root / "PKG-INFO").exists()
        if all(one.exists() for one in bundles) and (
            from_sdist or all(one.stat().st_mtime >= newest for one in bundles)
        ):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "Building meetwidget from source needs Node.js 20 or newer with npm on the PATH; "
                "a released wheel needs neither."
            )
        env = {**os.environ, "npm_config_update_notifier": "false"}
        if not (js / "node_modules").exists():
            subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=js, env=env, check=True)
        subprocess.run([npm, "run", "build"], cwd=js, env=env, check=True)
        for bundle in bundles:
            if not bundle.exists():
                raise RuntimeError(f"The front-end build made no {bundle.relative_to(root)}.")
