"""`/_sandbox/...`: what people and tests do behind the scene. No token: the server is on loopback only."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes import NotFound
from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.faults import Faults
from rushes_sandbox.forms import BadBody, read_body, read_json, read_object
from rushes_sandbox.store import Store
from rushes_sandbox.uploads import Uploads


class Backstage:
    def __init__(self, store: Store, uploads: Uploads, faults: Faults) -> None:
        self._store = store
        self._uploads = uploads
        self._faults = faults

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/assets", self.assets, methods=["GET"]),
            Route("/_sandbox/confirm", self.confirm, methods=["POST"]),
            Route("/_sandbox/violations", self.violations, methods=["GET"]),
            Route("/_sandbox/faults", self.faults, methods=["GET", "POST", "DELETE"]),
        ]

    async def assets(self, _request: Request) -> Response:
        await self._uploads.settled()
        return json_answer([asset.listed() for asset in self._store.assets.all.values()])

    async def violations(self, _request: Request) -> Response:
        return json_answer(self._store.violations.seen)

    async def confirm(self, request: Request) -> Response:
        try:
            user_code = (await read_object(request)).get("user_code")
        except BadBody as error:
            raise ApiRefused(400, str(error)) from None
        if not isinstance(user_code, str):
            raise ApiRefused(400, 'the body must be {"user_code": "123456"}')
        try:
            device = self._store.devices.confirm(user_code)
        except NotFound as error:
            raise ApiRefused(404, str(error)) from None
        return json_answer({"id": device.id, "name": device.name})

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            try:
                self._faults.add(read_json(await read_body(request)))
            except (BadBody, ValidationError) as error:
                raise ApiRefused(400, str(error)) from None
        return json_answer(self._faults.left())
