"""`/oauth2/...`: a person logs in to an app (reference, sections 3 and 4.2): code and PKCE, loopback redirect.

Consent is given at once, unless a person was told to deny it. Codes live in memory only: a restart is a reason
to log in again, as any server's is.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from rushes_sandbox.answers import Refused, json_answer
from rushes_sandbox.devices import whole
from rushes_sandbox.forms import BadBody, read_form
from rushes_sandbox.guard import missing_version
from rushes_sandbox.store import Store

#: Scopes as this flow writes them; the device flow has underscores for the dots.
SCOPES = {"offline", "device.connect", "asset.create"}
_LIFE_OF_CODE = 600
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class OAuthRefused(Refused):
    """The shape of OAuth 2: `{"error", "error_description"}`."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(status, description)
        self.error = error

    def answer(self) -> Response:
        return json_answer({"error": self.error, "error_description": self.text}, self.status)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a code stands for."""

    client_id: str
    redirect_uri: str
    scopes: list[str]
    challenge: str
    expires_at: float


class Consent:
    """What people answered: codes on their way, and whether the next one is denied."""

    def __init__(self) -> None:
        self._codes: dict[str, Asked] = {}
        self._denied = False

    def deny(self) -> None:
        self._denied = True

    def ask(self, asked: Asked) -> str | None:
        """Return the code of a given consent, None for a denied one."""
        denied, self._denied = self._denied, False
        if denied:
            return None
        code = secrets.token_urlsafe(32)
        self._codes[code] = asked
        return code

    def take(self, code: str) -> Asked | None:
        """Return what a code stands for, once."""
        return self._codes.pop(code, None)


class OAuth:
    def __init__(self, store: Store, consent: Consent) -> None:
        self._store = store
        self._consent = consent

    def routes(self) -> list[Route]:
        return [
            Route("/oauth2/auth", self.auth, methods=["GET"]),
            Route("/oauth2/token", self.token, methods=["POST"]),
        ]

    async def auth(self, request: Request) -> Response:
        query = request.query_params
        target = query.get("redirect_uri", "")
        if not query.get("client_id") or not _loopback(target):
            # Nobody is redirected to where a stranger wants (RFC 6749, section 4.1.2.1).
            raise OAuthRefused("invalid_request", "client_id, or a redirect_uri on the loopback, is missing.")
        try:
            answer = self._asked(query)
        except OAuthRefused as refusal:
            answer = {"error": refusal.error, "error_description": refusal.text}
        if query.get("state"):
            answer["state"] = query["state"]
        mark = "&" if urlsplit(target).query else "?"
        return RedirectResponse(f"{target}{mark}{urlencode(answer)}", 302)

    def _asked(self, query: Mapping[str, str]) -> dict[str, str]:
        """Return what the app is told: a code, or why there is none."""
        scope = query.get("scope", "")
        scopes = scope.split(" ")
        if query.get("response_type") != "code":
            raise OAuthRefused("unsupported_response_type", "response_type must be code.")
        if not set(scopes) <= SCOPES:
            raise OAuthRefused("invalid_scope", f"scope must be some of: {' '.join(sorted(SCOPES))}.")
        if not query.get("state"):
            raise OAuthRefused("invalid_request", "state is missing.")
        if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
            query.get("code_challenge", "")
        ):
            raise OAuthRefused("invalid_request", "code_challenge with the method S256 is missing.")
        asked = Asked(
            client_id=query["client_id"],
            redirect_uri=query["redirect_uri"],
            scopes=scopes,
            challenge=query["code_challenge"],
            expires_at=self._store.settings.clock() + _LIFE_OF_CODE,
        )
        code = self._consent.ask(asked)
        if code is None:
            raise OAuthRefused("access_denied", "The person denied the request.")
        return {"code": code, "scope": scope}

    async def token(self, request: Request) -> Response:
        missing_version(self._store, request)
        try:
            form = await read_form(request)
        except BadBody as error:
            raise OAuthRefused("invalid_request", f"{error}.") from None
        if "authorization" in request.headers:
            raise OAuthRefused("invalid_client", "An app has no secret; client_id goes in the body.", 401)
        match form.get("grant_type"):
            case "authorization_code":
                tokens, scopes = self._redeem(form)
            case "refresh_token":
                tokens, scopes = self._refresh(form)
            case _:
                raise OAuthRefused(
                    "unsupported_grant_type", "grant_type must be authorization_code or refresh_token."
                )
        # The real one answers a second less than the token lives.
        tokens |= {"expires_in": whole(self._store.settings.app_token_life) - 1, "scope": " ".join(scopes)}
        return json_answer(tokens, headers={"cache-control": "no-store"})

    def _redeem(self, form: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
        asked = self._consent.take(form.get("code", ""))
        if asked is None or asked.expires_at <= self._store.settings.clock():
            raise OAuthRefused("invalid_grant", "The code is unknown, used or expired.")
        if (form.get("client_id"), form.get("redirect_uri")) != (asked.client_id, asked.redirect_uri):
            raise OAuthRefused("invalid_grant", "client_id and redirect_uri are not those of the code.")
        verifier = form.get("code_verifier", "")
        if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(_hashed(verifier), asked.challenge):
            raise OAuthRefused("invalid_grant", "code_verifier does not fit the code_challenge.")
        scopes = [scope.replace(".", "_") for scope in asked.scopes]
        return self._store.tokens.grant(asked.client_id, scopes), asked.scopes

    def _refresh(self, form: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
        scopes = form.get("scope", "").split(" ")
        if not set(scopes) <= SCOPES:
            raise OAuthRefused("invalid_scope", "scope must be the one that was granted.")
        tokens = self._store.tokens.refresh_app(form.get("refresh_token", ""), form.get("client_id", ""))
        if tokens is None:
            raise OAuthRefused(
                "token_inactive", "The refresh token was used, has expired or was never issued.", 401
            )
        return tokens, scopes


def _hashed(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _loopback(target: str) -> bool:
    """Whether a redirect stays on the machine of the person (RFC 8252, section 7.3)."""
    try:
        url = urlsplit(target)
        return (
            url.scheme == "http"
            and url.hostname in {"127.0.0.1", "localhost", "::1"}
            and not url.fragment
            and target.isascii()
        )
    except ValueError:
        return False
