"""S3's errors by name, for faults on order (reference, section 12.2)."""

from __future__ import annotations

from collections.abc import Mapping

from rushes_sandbox.answers import StorageRefused

_CODES: Mapping[str, tuple[int, str]] = {
    "AccessDenied": (403, "Request has expired"),
    "BadDigest": (400, "The Content-MD5 you specified did not match what we received."),
    "ConditionalRequestConflict": (409, "A conflicting operation occurred during the request."),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed object size."),
    "EntityTooSmall": (400, "Your proposed upload is smaller than the minimum allowed object size."),
    "IncompleteBody": (
        400,
        "You did not provide the number of bytes specified by the Content-Length header.",
    ),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidArgument": (400, "Invalid Argument"),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchUpload": (404, "The specified upload does not exist."),
    "OperationAborted": (409, "A conflicting conditional operation is currently in progress."),
    "RequestTimeTooSkewed": (
        403,
        "The difference between the request time and the current time is too large.",
    ),
    "RequestTimeout": (
        400,
        "Your socket connection to the server was not read from or written to within the timeout period.",
    ),
    "ServiceUnavailable": (503, "Please reduce your request rate."),
    "SignatureDoesNotMatch": (
        403,
        "The request signature we calculated does not match the signature you provided.",
    ),
    "SlowDown": (503, "Please reduce your request rate."),
    "TemporaryRedirect": (307, "Please re-send this request to the specified temporary endpoint."),
}
S3_CODES = frozenset(_CODES)
#: What a status alone stands for; any other is an InternalError in that status.
_BY_STATUS = {
    307: "TemporaryRedirect",
    400: "RequestTimeout",
    404: "NoSuchBucket",
    409: "OperationAborted",
    429: "SlowDown",
    503: "SlowDown",
}


def s3_error(code: str, status: int | None = None) -> StorageRefused:
    """The error of that name, in its own status or another."""
    usual, message = _CODES[code]
    return StorageRefused(status or usual, code, message)


def s3_error_of(status: int) -> StorageRefused:
    """What S3 would say with that status."""
    if status == 403:
        return StorageRefused(status, "AccessDenied", "Access Denied")
    return s3_error(_BY_STATUS.get(status, "InternalError"), status)
