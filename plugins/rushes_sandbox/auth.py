"""`/v2/auth/...`: pairing by six digits, tokens, refresh and revoke (reference, sections 2 and 4)."""

from __future__ import annotations

import hmac
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes_sandbox.answers import AuthRefused, json_answer
from rushes_sandbox.devices import whole
from rushes_sandbox.forms import BadBody, read_form
from rushes_sandbox.guard import client_version
from rushes_sandbox.store import Store
from rushes_sandbox.wire import described

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
#: Scopes that may be asked for; an integration asks for the first two.
SCOPES = {"asset_create", "offline", "device_connect"}
_PERSONAL = re.compile(r".*@.*|([0-9a-f]{2}[:-]?){5}[0-9a-f]{2}", re.IGNORECASE | re.DOTALL)


class Auth:
    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        return [
            Route("/v2/auth/device/code", self.code, methods=["POST"]),
            Route("/v2/auth/token", self.token, methods=["POST"]),
            Route("/v2/auth/revoke", self.revoke, methods=["POST"]),
        ]

    async def code(self, request: Request) -> Response:
        form = await self._form(request)
        scopes = form.get("scope", "").split(" ")
        if not set(scopes) <= SCOPES:
            raise AuthRefused("invalid_request")
        if _PERSONAL.fullmatch(form["client_id"]):
            self._store.violations.note(described(request), "client_id is an e-mail or MAC address")
        device_code, user_code = self._store.pairing.request_code(form["client_id"], scopes)
        page = "https://next.frame.io/device"
        linked = request.headers.get("x-client-platypus-enabled", "").lower() == "true"
        return json_answer(
            {
                "device_code": device_code,
                "user_code": user_code,
                "expires_in": whole(self._store.settings.code_life),
                "interval": whole(self._store.settings.interval),
                "name": "Rushes Sandbox",
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={user_code}" if linked else None,
            }
        )

    async def token(self, request: Request) -> Response:
        form = await self._form(request)
        match form.get("grant_type"):
            case "refresh_token" if form.get("refresh_token"):
                tokens = self._store.tokens.refresh(form["refresh_token"], form["client_id"])
            case grant_type if grant_type == DEVICE_CODE and form.get("device_code"):
                tokens = self._redeem(request, form)
            case _:
                raise AuthRefused("invalid_request")
        return json_answer(tokens, headers={"cache-control": "no-store"})

    async def revoke(self, request: Request) -> Response:
        form = await self._form(request)
        if not form.get("token"):
            raise AuthRefused("invalid_request")
        self._store.tokens.revoke_token(form["token"])
        return json_answer({"success": True})

    def _redeem(self, request: Request, form: dict[str, str]) -> dict[str, object]:
        """Answer one poll with tokens, or refuse it."""
        try:
            early = self._store.pairing.poll(form["device_code"], form["client_id"])
        except AuthRefused as refusal:
            if refusal.text == "slow_down":
                self._note_early(request)
            raise
        if early:
            self._note_early(request)
        device, scopes = self._store.pairing.redeem(form["device_code"])
        return self._store.tokens.grant(form["client_id"], scopes, device)

    def _note_early(self, request: Request) -> None:
        self._store.violations.note(described(request), "polled before the interval was over")

    async def _form(self, request: Request) -> dict[str, str]:
        """Read the form and check who sends it."""
        client_version(self._store, request)
        try:
            form = await read_form(request)
        except BadBody:
            raise AuthRefused("invalid_request") from None
        if not 0 < len(form.get("client_id", "")) <= 255 or "client_secret" not in form:
            raise AuthRefused("invalid_request")
        secret = self._store.settings.client_secret
        if not hmac.compare_digest(form["client_secret"].encode(), secret.encode()):
            raise AuthRefused("invalid_client")
        return form
