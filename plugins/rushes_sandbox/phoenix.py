"""Phoenix's socket protocol, without the socket: messages and what a channel answers.

Facts of the real one (`realdata.md`): version 1 is JSON objects and its replies carry no join_ref, version 2
JSON arrays; a push before the join is an "unmatched topic"; a second join is answered, then the old one closed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

#: Of the protocol: 1 when the client names none.
Version = Literal[1, 2]

_KEYS = ("topic", "event", "payload", "ref")


class BadMessage(ValueError):
    """What came is no message, and Phoenix would close the socket; the text says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Message:
    topic: str
    event: str
    payload: Any
    ref: Any = None
    join_ref: Any = None

    @property
    def heartbeat(self) -> bool:
        return (self.topic, self.event) == ("phoenix", "heartbeat")


def version(asked: str) -> Version | None:
    """Return the version behind the query's `vsn`; None when there is no such."""
    match asked.partition(".")[0]:
        case "" | "1":
            return 1
        case "2":
            return 2
    return None


def decode(text: str | None, spoken: Version) -> Message:
    """Read a text frame; None stands for a binary one."""
    try:
        value = json.loads(text or "")
    except (ValueError, RecursionError):
        raise BadMessage("a message that is not JSON") from None
    if spoken == 1 and isinstance(value, dict):
        for key in _KEYS:
            if key not in value:
                raise BadMessage(f"a message without the key {key}")
        fields: dict[str, Any] = value
    elif spoken == 2 and isinstance(value, list) and len(value) == 5:
        fields = dict(zip(("join_ref", "ref", "topic", "event", "payload"), value, strict=True))
    else:
        raise BadMessage(f"a message that is no JSON {'object' if spoken == 1 else 'array of five'}")
    if not isinstance(fields["topic"], str) or not isinstance(fields["event"], str):
        raise BadMessage("a message whose topic or event is no text")
    return Message(
        topic=fields["topic"],
        event=fields["event"],
        payload=fields["payload"],
        ref=fields["ref"],
        join_ref=fields.get("join_ref"),
    )


def encode(message: Message, spoken: Version) -> str:
    if spoken == 2:
        fields: Any = [message.join_ref, message.ref, message.topic, message.event, message.payload]
    else:
        fields = {key: getattr(message, key) for key in sorted(_KEYS)}
    return json.dumps(fields, separators=(",", ":"))


class Channel:
    """One device's topic on one socket: joined or not, and what its messages are answered."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._joined: Message | None = None

    @property
    def joined(self) -> bool:
        return self._joined is not None

    def take(self, message: Message) -> Sequence[Message]:
        """Take a message of the client in; return the answers in order."""
        if message.heartbeat:
            return [_reply(replace(message, join_ref=None), "ok")]
        joined = self._joined if message.topic == self._topic else None
        match message.event:
            case "phx_join" if message.topic == self._topic:
                self._joined = message
                return [_reply(message, "ok"), *([self._end("phx_close", joined)] if joined else [])]
            case "phx_join" if message.topic.startswith("devices:"):
                return [_reply(message, "error", reason="unauthorized")]
            case "phx_leave" if joined:
                return [_reply(message, "ok"), *self.close()]
            case "phx_leave":
                return [_reply(message, "ok")]
            case _ if joined:
                # The channel's process knows no event of a client's, and dies of one.
                self._joined = None
                return [self._end("phx_error", joined)]
        return [_reply(message, "error", reason="unmatched topic")]

    def push(self, event: str, payload: Any) -> Sequence[Message]:
        """Tell the client something; nothing is sent where it has not joined."""
        if self._joined is None:
            return []
        return [Message(topic=self._topic, event=event, payload=payload, join_ref=_ref(self._joined))]

    def close(self) -> Sequence[Message]:
        """End the join from the server's side."""
        joined, self._joined = self._joined, None
        return [self._end("phx_close", joined)] if joined else []

    def _end(self, event: str, joined: Message) -> Message:
        ref = _ref(joined)
        return Message(topic=self._topic, event=event, payload={}, ref=ref, join_ref=ref)


def _ref(joined: Message) -> Any:
    """What a join is known by; version 1 need not name it twice."""
    return joined.ref if joined.join_ref is None else joined.join_ref


def _reply(message: Message, status: str, **response: str) -> Message:
    return replace(message, event="phx_reply", payload={"response": response, "status": status})
