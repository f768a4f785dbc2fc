"""What is sent of an object, and what is left out when it is too large."""

from __future__ import annotations

import base64
import json
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from meetwidget.bundles import DROPPED, bundle_of, fitting, portable, size_of

PNG = b"\x89PNG\r\n\x1a\n"


class Rich:
    """As plotting libraries do: several forms at once, some of them dear."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return {
            "text/plain": "Figure",
            "text/html": "<script>" + "x" * 5000,
            "image/svg+xml": "<svg>" + "x" * 5000,
            "application/vnd.plotly.v1+json": {"data": [{"y": [1, 2, 3]}], "layout": {}},
            "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
        }


class Picture:
    def _repr_png_(self) -> bytes:
        return PNG


def test_a_table_has_a_form_for_people_and_one_for_text() -> None:
    """A DataFrame is HTML and plain text."""
    bundle = bundle_of(pd.DataFrame({"loss": [0.5, 0.25]}))
    assert "<table" in bundle["text/html"]
    assert "0.25" in bundle["text/plain"]


def test_a_figure_is_drawn_without_a_backend() -> None:
    """Figures and axes are PNG pictures in a plain script, too."""
    mpl.use("agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    axes = figure.subplots()
    axes.plot([1, 2])
    for thing in (figure, axes):
        assert base64.b64decode(bundle_of(thing)["image/png"]).startswith(PNG)


def test_a_plotly_figure_is_sent_as_what_it_consists_of() -> None:
    """Whatever plotly's renderer is here; and without the scripts that it writes as HTML."""
    from plotly import graph_objects

    figure = graph_objects.Figure(graph_objects.Scatter(y=np.array([1.0, 2.0]), name="loss"))
    figure.update_layout(title="A run")
    bundle = bundle_of(figure)
    sent = bundle["application/vnd.plotly.v1+json"]
    assert sent["data"][0]["name"] == "loss"
    assert sent["data"][0]["y"]["dtype"] == "f8"
    assert bundle["text/plain"] == "A run"
    assert "text/html" not in bundle
    json.dumps(bundle, allow_nan=False)


def test_everything_can_be_sent_as_json() -> None:
    """Bytes become Base64, NaN and foreign objects text, and what only this page shows stays."""
    assert bundle_of(Picture())["image/png"] == base64.b64encode(PNG).decode()
    bundle = bundle_of(Rich())
    assert bundle["application/vnd.plotly.v1+json"]["data"] == [{"y": [1, 2, 3]}]
    assert not DROPPED & set(bundle)
    assert "text/html" not in bundle
    assert portable({"text/html": "<script>a</script>\n<script src=b>\n</script>"}) == {}
    assert list(portable({"text/html": "<p>a</p><script>a</script>"})) == ["text/html"]
    sent = portable({"application/json": {"a": float("nan"), "b": np.float64(1.5), "c": object}})
    json.dumps(sent, allow_nan=False)


def test_an_object_without_forms_is_its_text() -> None:
    """Whatever it is, something can be shared."""
    assert list(bundle_of(object())) == ["text/plain"]


def test_the_dearest_form_goes_first() -> None:
    """Of a figure that is SVG and JSON the smaller form is left, with its text."""
    bundle = bundle_of(Rich())
    assert fitting(bundle, 1_000_000) == bundle
    small = fitting(bundle, 1000)
    assert small is not None
    assert list(small) == ["text/plain", "application/vnd.plotly.v1+json"]


@pytest.mark.parametrize(
    "bundle", [{"text/plain": "x" * 99}, {"text/plain": "", "image/png": "x" * 99}]
)
def test_the_last_form_is_never_left_out(bundle: dict[str, str]) -> None:
    """A figure of which only its name would be left does not fit."""
    assert fitting(bundle, 50) is None


def test_text_beside_a_richer_form_is_cut() -> None:
    """A long array's text does not keep its picture from being sent."""
    bundle = {"text/plain": "1" * 1_000_000, "image/png": "x"}
    small = fitting(bundle, 100_000)
    assert small is not None
    assert size_of(small) <= 100_000
