"""Every refusal that Frame.io, its upload host, or something on the way may answer with, and what is done then.

Section 12 of the C2C reference as one table, which nothing here decides without: the first row that fits counts.
The HTTP status and title are looked at before the inner codes, which differ from it in Frame.io's own samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Where(Enum):
    """What was asked for. Rows of CALL fit every call of the API, rows of AUTH every call for a code or tokens.

    CONNECT and DISCONNECT are those of channels, ASSET is a creation or a realtime asset's parts, PART an upload.
    """

    CALL = auto()
    AUTH = auto()
    POLL = auto()
    REFRESH = auto()
    SOCKET = auto()
    ASSET = auto()
    CONNECT = auto()
    DISCONNECT = auto()
    PART = auto()


class Action(Enum):
    """What is done."""

    #: It is as it should be.
    DONE = auto()
    #: Go on polling, at the interval or slower.
    ASK_AGAIN = auto()
    ASK_SLOWER = auto()
    #: The pairing code is dead: another one is asked for and shown.
    NEW_CODE = auto()
    #: The installation's id or secret is wrong: a person must correct it.
    MISCONFIGURED = auto()
    #: The access token is over: a new one, then the same call once more.
    RENEW = auto()
    PAIR_AGAIN = auto()
    #: A moment later, ever slower; never counts against the clip.
    LATER = auto()
    #: The network: as LATER, and the sink is unavailable while nothing else gets through.
    NETWORK = auto()
    #: All of the sink's work waits, and people are told.
    HOLD = auto()
    #: This machine's clock is wrong: as HOLD.
    CLOCK = auto()
    #: At once once more, then as PARK.
    ONCE_MORE = auto()
    #: Counts against the clip, which parks after a few.
    FEW = auto()
    #: The bytes came over changed: read and sent again, a few times, then as PARK.
    GARBLED = auto()
    #: The url or its asset is over: another one is needed.
    EXPIRED = auto()
    #: The same bytes to the place that it names, over HTTPS alone.
    FOLLOW = auto()
    #: Made in a pause: never for this clip.
    PAUSED = auto()
    #: Never for this clip by itself: a person gets the evidence.
    PARK = auto()


#: The word of an answer that is in no shape of the service's own: a login page, a proxy's error.
STRANGER = "<stranger>"


@dataclass(frozen=True, slots=True)
class Row:
    """A refusal and what is done.

    `status` is one or a range, `word` the error's name or title, or S3's code ("" for any), `says` a text in it.
    """

    where: Where
    status: int | range
    word: str
    action: Action
    why: str
    says: str = ""

    def fits(self, where: Where, status: int, word: str, text: str) -> bool:
        return (
            self.where in _SCOPES[where]
            and (status == self.status if isinstance(self.status, int) else status in self.status)
            and self.word.lower() in ("", word.lower())
            and self.says in text.lower()
        )


_SCOPES = {
    **{where: {where, Where.CALL} for where in Where},
    Where.POLL: {Where.POLL, Where.AUTH, Where.CALL},
    Where.REFRESH: {Where.REFRESH, Where.AUTH, Where.CALL},
    Where.PART: {Where.PART},
}

REDIRECTION = range(300, 400)
CLIENT = range(400, 500)
#: What no standard knows is sent all the same: 999 by a filter, 103 by a proxy.
SERVER = range(500, 1000)
ANY = range(100, 1000)

_W, _A = Where, Action

ROWS = (
    # 12.1: pairing and tokens.
    Row(_W.POLL, 400, "authorization_pending", _A.ASK_AGAIN, "nobody has typed the code yet"),
    Row(_W.POLL, 400, "slow_down", _A.ASK_SLOWER, "polled too fast"),
    Row(_W.POLL, 400, "expired_token", _A.NEW_CODE, "the code is too old"),
    Row(_W.POLL, 400, "invalid_grant", _A.NEW_CODE, "the code is unknown or used"),
    Row(_W.AUTH, 400, "invalid_client", _A.MISCONFIGURED, "the id or the secret is wrong"),
    Row(_W.REFRESH, 400, "invalid_request", _A.PAIR_AGAIN, "the refresh token is spent"),
    Row(_W.REFRESH, 400, "invalid_grant", _A.PAIR_AGAIN, "the refresh token is revoked or unknown"),
    Row(_W.REFRESH, 400, "token_inactive", _A.PAIR_AGAIN, "the app's refresh token is spent"),
    Row(_W.REFRESH, 401, "", _A.PAIR_AGAIN, "the credentials are not valid any more"),
    # 12.1: every call.
    Row(_W.SOCKET, 403, "", _A.RENEW, "the token in the address is over"),
    Row(_W.CALL, REDIRECTION, "", _A.NETWORK, "the API never redirects: a login page of the network"),
    Row(_W.CALL, 408, "", _A.LATER, "took too long"),
    Row(_W.CALL, 429, "", _A.LATER, "too many calls (section 14)"),
    Row(_W.CALL, SERVER, "", _A.LATER, "the service or its infrastructure is in trouble"),
    Row(_W.CALL, ANY, STRANGER, _A.NETWORK, "something on the way answered, be it with 404 or 200"),
    Row(_W.CALL, 401, "", _A.RENEW, "the access token is over or revoked"),
    # 12.1: assets, their parts, channels.
    Row(_W.ASSET, 409, "", _A.PAUSED, "made in a pause window", says="channel paused"),
    Row(_W.CONNECT, 409, "", _A.DONE, "the channel is there already"),
    Row(_W.DISCONNECT, 404, "", _A.DONE, "the channel is gone already"),
    Row(_W.ASSET, 400, "", _A.ONCE_MORE, "a body that it does not take"),
    Row(_W.CALL, 402, "", _A.HOLD, "the account's plan is at its limit"),
    Row(_W.CALL, 403, "", _A.HOLD, "the device may not do this in this project"),
    Row(_W.CALL, 404, "", _A.FEW, "gone, or an intermediary's answer"),
    Row(_W.CALL, 409, "", _A.FEW, "a conflict that may pass"),
    Row(_W.CALL, 422, "", _A.PARK, "arguments that it will never take"),
    Row(_W.CALL, CLIENT, "", _A.PARK, "a call that it will never take"),
    # 12.2: parts at the upload host.
    Row(_W.PART, 408, "", _A.LATER, "took too long"),
    Row(_W.PART, 429, "", _A.LATER, "too many requests"),
    Row(_W.PART, 500, "InternalError", _A.LATER, "S3 is in trouble"),
    Row(_W.PART, 503, "SlowDown", _A.LATER, "S3 asks for less"),
    Row(_W.PART, 503, "ServiceUnavailable", _A.LATER, "S3 is in trouble"),
    Row(_W.PART, SERVER, "", _A.LATER, "the host or its infrastructure is in trouble"),
    Row(_W.PART, ANY, STRANGER, _A.NETWORK, "a login page or a proxy"),
    Row(_W.PART, REDIRECTION, "TemporaryRedirect", _A.FOLLOW, "the bucket is elsewhere for now"),
    Row(_W.PART, 400, "RequestTimeout", _A.LATER, "no byte came for 20 s"),
    Row(_W.PART, 409, "OperationAborted", _A.LATER, "another request got in the way"),
    Row(_W.PART, 409, "ConditionalRequestConflict", _A.LATER, "another request got in the way"),
    Row(_W.PART, 400, "BadDigest", _A.GARBLED, "the bytes came over changed"),
    Row(_W.PART, 400, "IncompleteBody", _A.GARBLED, "not all bytes came over"),
    Row(_W.PART, 403, "RequestTimeTooSkewed", _A.CLOCK, "this machine's clock is far off"),
    Row(_W.PART, 403, "AccessDenied", _A.EXPIRED, "the url is over", says="expired"),
    Row(_W.PART, 400, "ExpiredToken", _A.EXPIRED, "the url's signer is over"),
    Row(_W.PART, 404, "NoSuchUpload", _A.EXPIRED, "the place is gone"),
    Row(_W.PART, 404, "NoSuchBucket", _A.EXPIRED, "the place is gone"),
    Row(_W.PART, 403, "SignatureDoesNotMatch", _A.PARK, "the headers are not those signed, or a proxy changed them"),
    Row(_W.PART, 400, "EntityTooLarge", _A.PARK, "the part is larger than S3 takes"),
    Row(_W.PART, 400, "EntityTooSmall", _A.PARK, "the part is smaller than S3 takes"),
    Row(_W.PART, 400, "InvalidArgument", _A.PARK, "a request that S3 will never take"),
    Row(_W.PART, ANY, "", _A.PARK, "S3 refuses it for good"),
)  # fmt: skip


def row_of(where: Where, status: int, word: str = "", text: str = "") -> Row:
    """The row of a refusal of 300 and above; `text` is all that it says."""
    return next(row for row in ROWS if row.fits(where, status, word, text))
