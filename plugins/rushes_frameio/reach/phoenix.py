"""Phoenix's socket messages (version 1) and what they mean for one device: no socket, no clock.

Facts: seed manage-status-and-state; reference, section 7. Order is not guaranteed, so a reply counts by its `ref`
alone, and every ref is used once: what belongs to an earlier join or heartbeat is late and means nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Sign(Enum):
    """What a message of the server says, where it says anything that matters here."""

    JOINED = auto()
    #: The join was refused; it may be tried again.
    REFUSED = auto()
    #: The newest heartbeat was answered.
    ALIVE = auto()
    #: The channel ended while its socket stays: join again.
    ENDED = auto()
    PAUSED = auto()
    RESUMED = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """`payload` is any JSON value; `ref` is "" where there is none."""

    topic: str
    event: str
    payload: Any = ""
    ref: str = ""

    @property
    def text(self) -> str:
        """As sent: one line, every key present."""
        return json.dumps(
            {"topic": self.topic, "event": self.event, "payload": self.payload, "ref": self.ref}
        )


def parse(text: str | bytes) -> Message | None:
    """The message in a frame, or None for anything that is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    topic, event, ref = value.get("topic"), value.get("event"), value.get("ref")
    if not isinstance(topic, str) or not isinstance(event, str):
        return None
    return Message(
        topic=topic, event=event, payload=value.get("payload", ""), ref=ref if isinstance(ref, str) else ""
    )


class Talk:
    """One socket's conversation about one device: what to say, and what the answers mean."""

    def __init__(self, device: str) -> None:
        """`device` is the project device's id."""
        self._topic = f"devices:{device}"
        self._count = 0
        self._join = ""
        self._beat = ""
        self.joined = False
        #: Whether a heartbeat is without its reply.
        self.unanswered = False

    def join(self) -> str:
        """The text that joins the device's channel, from scratch."""
        self._join, self.joined = self._ref("join"), False
        return Message(topic=self._topic, event="phx_join", ref=self._join).text

    def heartbeat(self) -> str:
        self._beat, self.unanswered = self._ref("heartbeat"), True
        return Message(topic="phoenix", event="heartbeat", ref=self._beat).text

    def hear(self, text: str | bytes) -> Sign | None:
        """What a frame means; None for noise, for what is late, and for what concerns others."""
        message = parse(text)
        if message is None:
            return None
        if message.event == "phx_reply":
            return self._reply(message)
        if message.topic != self._topic:
            return None
        match message.event:
            case "phx_close" | "phx_error" if message.ref in {"", self._join}:
                self.joined = False
                return Sign.ENDED
            case "status_updated":
                return _status(message.payload)
        return None

    def _reply(self, message: Message) -> Sign | None:
        if message.ref and message.ref == self._beat:
            # Whatever its status: somebody is there and answers.
            self._beat, self.unanswered = "", False
            return Sign.ALIVE
        if message.ref and message.ref == self._join and message.topic == self._topic and not self.joined:
            self.joined = isinstance(message.payload, dict) and message.payload.get("status") == "ok"
            return Sign.JOINED if self.joined else Sign.REFUSED
        return None

    def _ref(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"


def _status(payload: Any) -> Sign | None:
    """The guide shows no example, so both shapes are read: "paused" and {"status": "paused"}."""
    word = payload.get("status") if isinstance(payload, dict) else payload
    match word:
        case "paused":
            return Sign.PAUSED
        case "resumed":
            return Sign.RESUMED
    return None
