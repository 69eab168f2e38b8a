"""The handshake's order: who may say what, and when the connection is ready."""

from __future__ import annotations

import struct
from typing import TypeGuard

from rushes_masterlockit.protocol.codes import Role
from rushes_masterlockit.protocol.errors import LocalError, UnreadableError
from rushes_masterlockit.protocol.events import Challenge, Hello, Message, Refusal, Welcome
from rushes_masterlockit.protocol.handshake import read_handshake, write_handshake
from rushes_masterlockit.protocol.state import State

Handshake = Challenge | Hello | Welcome | Refusal

#: What may be said in which state, and where it leads. A Refusal is at home in all states of the server's.
_SAID = {
    (State.CHALLENGING, Challenge): State.WAIT_HELLO,
    (State.DECIDING, Welcome): State.READY,
    (State.GREETING, Hello): State.WAIT_RESULT,
}
#: What may be heard. A hub that is full refuses before it challenges.
_HEARD = {
    (State.WAIT_HELLO, Hello): State.DECIDING,
    (State.WAIT_CHALLENGE, Challenge): State.GREETING,
    (State.WAIT_CHALLENGE, Refusal): State.FAILED,
    (State.WAIT_RESULT, Welcome): State.READY,
    (State.WAIT_RESULT, Refusal): State.FAILED,
}


def is_handshake(message: Message) -> TypeGuard[Handshake]:
    return isinstance(message, Handshake)


class Greeting:
    """`state` goes from the role's first to READY or FAILED; `most` bounds the size of what is said."""

    def __init__(self, role: Role, most: int) -> None:
        self.role = role
        self.most = most
        self.state = State.WAIT_CHALLENGE if role is Role.CLIENT else State.CHALLENGING
        self._versions = b""
        self._concluded = False

    def said(self, message: Handshake, order: str) -> bytes:
        """Type and payload of our own word. Raises LocalError where it is not our turn, or does not fit."""
        if isinstance(message, Refusal) and self.role is Role.SERVER and not self._concluded:
            after = State.FAILED
        elif (following := _SAID.get((self.state, type(message)))) is not None:
            after = following
        else:
            raise LocalError(f"{type(message).__name__} cannot be sent: {self.state}")
        if isinstance(message, Welcome) and message.version not in self._versions:
            raise LocalError(f"Welcome to version {message.version}, which the client did not offer")
        try:
            body = write_handshake(message, order)
        except (struct.error, ValueError) as error:
            raise LocalError(f"{type(message).__name__} does not fit the wire: {error}") from None
        if len(body) > self.most:
            raise LocalError(f"{type(message).__name__} of {len(body)} bytes; at most {self.most}")
        if isinstance(message, Hello):
            self._versions = message.versions
        self._concluded = isinstance(message, Welcome | Refusal)
        self.state = after
        return body

    def heard(self, frame: bytes, order: str) -> Handshake:
        """The peer's word, from a whole frame of its handshake type; UnreadableError where broken or out of turn."""
        other = Role.SERVER if self.role is Role.CLIENT else Role.CLIENT
        message = read_handshake(frame, other, order)
        after = _HEARD.get((self.state, type(message)))
        if after is None:
            raise UnreadableError(f"{type(message).__name__} out of turn: {self.state}")
        if isinstance(message, Welcome) and message.version not in self._versions:
            raise UnreadableError(f"Welcome to version {message.version}, which was not offered")
        if isinstance(message, Hello):
            self._versions = message.versions
        self.state = after
        return message
