"""What a notebook would show of an object: its MIME bundle, ready for the wire."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Mapping
from typing import Any

PLAIN = "text/plain"
DROPPED = frozenset({"application/vnd.jupyter.widget-view+json", "application/javascript"})
"""Only the page that made them can show them."""
PLOTLY = "application/vnd.plotly.v1+json"
_SCRIPTS = re.compile(r"<script\b.*?</script\s*>", re.IGNORECASE | re.DOTALL)
MAX_PLAIN = 20_000
"""Characters of the plain text that goes with a richer form."""


def bundle_of(thing: object) -> dict[str, Any]:
    """Returns an object's MIME bundle: texts as str, binary content as Base64, JSON as it is.

    What has the methods that IPython looks for is asked by them; a matplotlib figure (or axes) is
    drawn, and a plotly figure described, whether or not this notebook has them set up.
    """
    # Asked for its forms, a plotly figure shows itself here instead.
    if (described := _plotly(thing)) is not None:
        return described
    figure = _figure(thing)
    bundle = _formatted(thing if figure is None else figure)
    if figure is not None and not any(mime.startswith("image/") for mime in bundle):
        bundle |= _drawn(figure)
    if PLAIN not in bundle:
        bundle[PLAIN] = repr(thing)
    return portable(bundle)


def portable(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a bundle that can be sent as JSON, without what only this page can show."""
    found: dict[str, Any] = {}
    for mime, content in bundle.items():
        if mime in DROPPED:
            continue
        # Plotly and others write scripts as HTML, megabytes of them; they run nowhere else.
        if mime == "text/html" and (PLOTLY in bundle or _only_scripts(content)):
            continue
        if isinstance(content, bytes):
            content = base64.b64encode(content).decode()
        elif not isinstance(content, str):
            try:
                json.dumps(content, allow_nan=False)
            except (TypeError, ValueError):
                content = json.loads(json.dumps(content, default=str), parse_constant=str)
        found[mime] = content
    return found


def size_of(content: object) -> int:
    """Returns how many bytes of JSON something takes."""
    return len(json.dumps(content).encode())


def rich(bundle: Mapping[str, Any]) -> list[str]:
    """Returns the types that show more than plain text does, the largest first."""
    types = [mime for mime in bundle if mime != PLAIN]
    return sorted(types, key=lambda mime: size_of(bundle[mime]), reverse=True)


def fitting(bundle: Mapping[str, Any], most: int) -> dict[str, Any] | None:
    """Returns a bundle of at most ``most`` bytes as JSON, without its largest forms; or None.

    Plain text alone is no substitute for a figure or a table, so one richer form is always left.
    """
    left = dict(bundle)
    if rich(left) and len(str(left.get(PLAIN, ""))) > MAX_PLAIN:
        left[PLAIN] = str(left[PLAIN])[:MAX_PLAIN] + " …"
    while size_of(left) > most:
        largest = rich(left)
        if len(largest) < 2:
            return None
        del left[largest[0]]
    return left


def _formatted(thing: object) -> dict[str, Any]:
    from IPython.core.formatters import DisplayFormatter
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    formatter: Any = None if shell is None else shell.display_formatter
    bundle, _ = (formatter or DisplayFormatter()).format(thing)
    return dict(bundle)


def _figure(thing: object) -> Any:
    """The matplotlib figure that something is, or is part of, or None."""
    matplotlib = sys.modules.get("matplotlib.figure")
    if matplotlib is None:
        return None
    for candidate in (thing, getattr(thing, "figure", None)):
        if isinstance(candidate, matplotlib.Figure):
            return candidate
    return None


def _only_scripts(html: object) -> bool:
    return isinstance(html, str) and "<script" in html and not _SCRIPTS.sub("", html).strip()


def _plotly(thing: object) -> dict[str, Any] | None:
    """The bundle of a plotly figure, or None."""
    plotly = sys.modules.get("plotly.basedatatypes")
    if plotly is None or not isinstance(thing, plotly.BaseFigure):
        return None
    figure: Any = thing
    title = figure.layout.title.text
    return {PLOTLY: json.loads(figure.to_json()), PLAIN: title or type(thing).__name__}


def _drawn(figure: Any) -> dict[str, bytes]:
    import io

    out = io.BytesIO()
    figure.savefig(out, format="png", bbox_inches="tight")
    return {"image/png": out.getvalue()}
