"""The corpus of frames, as the Python side reads it; TypeScript runs the same files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from meetwidget.wire import control, media, rooms, schema

CORPUS = Path(__file__).parent / "corpus"
ROOT = Path(__file__).parents[2]
DECODERS = {"client": control.decode_client, "relay": control.decode_relay}
OUTCOMES = {
    "bad-frame": control.BadFrame,
    "unknown-type": control.UnknownType,
    "invalid-field": control.InvalidField,
}


def load(name: str) -> Any:
    return json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))


def named(cases: list[Any]) -> Any:
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=f"{case.get('from', '')} {case['name']}") for case in cases]
    )


def validator(sender: str) -> jsonschema.Draft202012Validator:
    built = schema.build()
    root = {"client": "FromClient", "relay": "FromRelay"}[sender]
    return jsonschema.Draft202012Validator({**built, "anyOf": [{"$ref": f"#/$defs/{root}"}]})


VALIDATORS = {sender: validator(sender) for sender in DECODERS}


@named(load("control-valid"))
def test_valid_control_frame_is_read_and_written_back(case: dict[str, Any]) -> None:
    """A valid frame decodes, and what is encoded again decodes to the same message."""
    decode = DECODERS[case["from"]]
    message = decode(json.dumps(case["frame"]))
    assert json.loads(control.encode(message))["type"] == case["frame"]["type"]
    assert decode(control.encode(message)) == message


@named(load("control-valid"))
def test_valid_control_frame_passes_the_schema(case: dict[str, Any]) -> None:
    """The published JSON Schema accepts what the Python types accept."""
    VALIDATORS[case["from"]].validate(case["frame"])


@named(load("control-invalid"))
def test_invalid_control_frame_is_refused_for_its_own_reason(case: dict[str, Any]) -> None:
    """An invalid frame raises the exception of its outcome, with the frame's cid if it had one."""
    with pytest.raises(OUTCOMES[case["outcome"]]) as caught:
        DECODERS[case["from"]](case["text"])
    if case["outcome"] == "invalid-field":
        assert caught.value.cid == case["cid"]
    else:
        assert case["cid"] is None


@named([case for case in load("control-invalid") if case["outcome"] == "invalid-field"])
def test_invalid_control_frame_fails_the_schema(case: dict[str, Any]) -> None:
    """The published JSON Schema refuses what the Python types refuse."""
    assert not VALIDATORS[case["from"]].is_valid(json.loads(case["text"]))


def test_every_message_type_has_a_valid_frame() -> None:
    """The corpus leaves no message of the protocol out."""
    present = {(case["from"], case["frame"]["type"]) for case in load("control-valid")}
    for sender, union in (("client", control.FromClient), ("relay", control.FromRelay)):
        for struct in union.__args__:
            assert (sender, struct.__struct_config__.tag) in present


def test_every_client_message_with_fields_has_an_invalid_frame() -> None:
    """Every client message that can be wrong is wrong in the corpus at least once."""
    wrong = {
        json.loads(case["text"])["type"]
        for case in load("control-invalid")
        if case["from"] == "client" and case["outcome"] == "invalid-field"
    }
    tags = {struct.__struct_config__.tag for struct in control.FromClient.__args__}
    assert wrong == tags - {"goodbye"}


@named(load("media-valid"))
def test_valid_media_frame_is_read(case: dict[str, Any]) -> None:
    """Every field of the header and the payload come out as stated."""
    frame = bytes.fromhex(case["hex"])
    header = media.parse(frame)
    stated = case["header"]
    assert (header.kind, header.key, header.last, header.layer) == (
        stated["kind"],
        stated["key"],
        stated["last"],
        stated["layer"],
    )
    assert bool(header.flags & media.FLAG_EXTENSION) == stated["extension"]
    assert bool(header.flags & media.FLAG_ENCRYPTED) == stated["encrypted"]
    assert header[2:] == tuple(
        stated[name] for name in ("handle", "sequence", "capture_us", "base_count", "config")
    )
    assert header.pack() == frame[: media.HEADER_BYTES]
    assert media.payload(frame).hex() == case["payload"]
    if "ack" in case:
        assert media.parse_ack(frame)._asdict() == case["ack"]


@named(load("media-invalid"))
def test_invalid_media_frame_is_refused(case: dict[str, Any]) -> None:
    """Bytes that are no media frame raise and give no header."""
    with pytest.raises(media.BadMediaFrame):
        media.parse(bytes.fromhex(case["hex"]))


@pytest.mark.parametrize("name", load("rooms")["valid"])
def test_room_name_is_accepted(name: str) -> None:
    """A name within the rules is returned unchanged."""
    assert rooms.check_room(name) == name


@pytest.mark.parametrize("name", load("rooms")["invalid"])
def test_room_name_is_refused(name: str) -> None:
    """A name outside the rules is refused with a sentence for people."""
    with pytest.raises(rooms.InvalidRoom, match=r"[.]$"):
        rooms.check_room(name)


def test_generated_schema_is_not_stale() -> None:
    """The committed schema, from which TypeScript types are made, is the one the types give."""
    committed = list((ROOT / "js" / "src" / "wire").glob("*.schema.json"))
    assert committed, "js/src/wire holds no schema: run `make wire`"
    for path in committed:
        assert path.read_text(encoding="utf-8") == schema.render(), f"{path.name}: run `make wire`"


def test_decoder_survives_deep_nesting() -> None:
    """A frame nested beyond any reason is a bad frame, not a crash."""
    with pytest.raises(control.BadFrame):
        control.decode_client(b"[" * 100_000)
