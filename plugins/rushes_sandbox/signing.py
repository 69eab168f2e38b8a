"""Presigned urls as S3 makes and checks them: AWS Signature Version 4 in the query (UNSIGNED-PAYLOAD).

Signed over method, path, query, `content-type`, `host` and `x-amz-acl`, the set seen on the real service.
"""

from __future__ import annotations

import calendar
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode

from rushes_sandbox.answers import StorageRefused

ACL = "private"
_KEY_ID = "SANDBOXKEYID"
_ALGORITHM = "AWS4-HMAC-SHA256"
_SIGNED = ("content-type", "host", "x-amz-acl")
_NAMES = {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"}
_MOMENT = "%Y%m%dT%H%M%SZ"
_ISO = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Signer:
    """Makes and checks urls with `key`, a secret that never leaves the state folder."""

    key: bytes
    dead: set[str] = field(default_factory=set)
    """Signatures that a fault has expired before their time."""

    def __repr__(self) -> str:
        return "Signer()"

    def presign(self, path: str, *, host: str, content_type: str, now: float, life: float) -> str:
        """Return the query that lets PUTs to `path` (plain ASCII) through for `life` whole seconds.

        A url that a fault has expired is not handed out again: the life is a second shorter then.
        """
        moment = time.strftime(_MOMENT, time.gmtime(now))
        query = {
            "X-Amz-Algorithm": _ALGORITHM,
            "X-Amz-Credential": f"{_KEY_ID}/{_scope(moment)}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": str(int(life)),
            "X-Amz-SignedHeaders": ";".join(_SIGNED),
        }
        headers = {"content-type": content_type, "host": host, "x-amz-acl": ACL}
        signature = self._sign(_canonical("PUT", path, query, headers), moment)
        if signature in self.dead:
            return self.presign(path, host=host, content_type=content_type, now=now, life=life - 1)
        query["X-Amz-Signature"] = signature
        return urlencode(query, quote_via=quote, safe="-_.~")

    def check(
        self, method: str, path: str, query_string: str, headers: Mapping[str, str], now: float
    ) -> None:
        """Raise StorageRefused unless the request is what `presign` signed; header names in lower case."""
        query = _read(query_string)
        if "authorization" in headers:
            raise StorageRefused(
                400,
                "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query"
                " string parameter or the Authorization header should be specified",
                ArgumentName="Authorization",
            )
        if not query:
            raise StorageRefused(403, "AccessDenied", "Access Denied")
        signature = query.pop("X-Amz-Signature", "")
        if set(query) != _NAMES or not signature:
            raise _malformed(
                "Query-string authentication requires the X-Amz-* query parameters and no others"
            )
        moment = query["X-Amz-Date"]
        if query["X-Amz-Algorithm"] != _ALGORITHM or not re.fullmatch(r"\d{8}T\d{6}Z", moment, re.ASCII):
            raise _malformed("X-Amz-Algorithm or X-Amz-Date is not valid")
        if query["X-Amz-Credential"] != f"{_KEY_ID}/{_scope(moment)}":
            raise StorageRefused(
                403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
            )
        self._check_age(moment, query["X-Amz-Expires"], now, dead=signature in self.dead)
        if query["X-Amz-SignedHeaders"] != ";".join(_SIGNED):
            raise _malformed("X-Amz-SignedHeaders is not what was signed")
        canonical = _canonical(method, path, query, headers)
        if not hmac.compare_digest(self._sign(canonical, moment).encode(), signature.encode()):
            raise StorageRefused(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your"
                " key and signing method.",
                CanonicalRequest=canonical,
            )
        unsigned = [name for name in headers if name.startswith("x-amz-") and name not in _SIGNED]
        if unsigned:
            raise StorageRefused(
                403,
                "AccessDenied",
                "There were headers present in the request which were not signed",
                HeadersNotSigned=", ".join(sorted(unsigned)),
            )

    @staticmethod
    def _check_age(moment: str, expires: str, now: float, *, dead: bool) -> None:
        if not re.fullmatch(r"\d{1,7}", expires, re.ASCII):
            raise _malformed("X-Amz-Expires must be a number of seconds")
        try:
            start = _timestamp(moment)
        except ValueError:
            raise _malformed("X-Amz-Date is not a moment") from None
        if dead or now >= start + int(expires):
            raise StorageRefused(
                403,
                "AccessDenied",
                "Request has expired",
                **{"X-Amz-Expires": expires},
                Expires=time.strftime(_ISO, time.gmtime(start + int(expires))),
                ServerTime=time.strftime(_ISO, time.gmtime(now)),
            )

    def expire(self, query_string: str) -> None:
        """From now on the url with this query is refused as one whose time is over."""
        self.dead.add(dict(parse_qsl(query_string)).get("X-Amz-Signature", ""))

    def _sign(self, canonical: str, moment: str) -> str:
        key = b"AWS4" + self.key.hex().encode()
        for step in _scope(moment).split("/"):
            key = hmac.digest(key, step.encode(), "sha256")
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join([_ALGORITHM, moment, _scope(moment), digest])
        return hmac.digest(key, text.encode(), "sha256").hex()


def _scope(moment: str) -> str:
    return f"{moment[:8]}/us-east-1/s3/aws4_request"


def _timestamp(moment: str) -> float:
    return calendar.timegm(time.strptime(moment, _MOMENT))


def _canonical(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items())
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}" for name in _SIGNED]
    text = "&".join(f"{name}={value}" for name, value in pairs if name != "X-Amz-Signature")
    return "\n".join([method, path, text, *lines, "", ";".join(_SIGNED), "UNSIGNED-PAYLOAD"])


def _read(query_string: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query_string, keep_blank_values=True, strict_parsing=bool(query_string), max_num_fields=20
        )
    except ValueError:
        raise _malformed("The query cannot be read") from None
    if len(dict(pairs)) != len(pairs):
        raise _malformed("A query parameter is sent twice")
    return dict(pairs)


def _malformed(message: str) -> StorageRefused:
    return StorageRefused(400, "AuthorizationQueryParametersError", message)
