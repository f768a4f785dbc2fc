"""The documents speak of what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from meetwidget_server.config import MeetRelay

from meetwidget.wire import control
from meetwidget.wire.close import CloseCode

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_in_the_configuration_page() -> None:
    """docs/configuration.md names each setting of the relay."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    own = [n for n, t in MeetRelay.class_traits(config=True).items() if t.this_class is MeetRelay]
    assert own
    assert [name for name in own if f"| `{name}` |" not in page] == []


def test_every_message_and_close_code_is_in_the_protocol_page() -> None:
    """docs/protocol.md names each message type and each close code."""
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    structs = [*control.ClientMessage.__subclasses__(), *control.RelayMessage.__subclasses__()]
    tags = [str(struct.__struct_config__.tag) for struct in structs]
    assert [tag for tag in tags if f"`{tag}`" not in page] == []
    assert [code for code in CloseCode if str(int(code)) not in page] == []


@pytest.mark.parametrize(
    "document",
    sorted(
        p.relative_to(ROOT).as_posix() for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    ),
)
def test_links_lead_somewhere(document: str) -> None:
    """Every relative link and picture of a document exists."""
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", text) + re.findall(
        r'(?:src|srcset)="([^"]+)"', text
    )
    broken = [
        target
        for target in targets
        if "://" not in target and not ((ROOT / document).parent / target).exists()
    ]
    assert broken == []
