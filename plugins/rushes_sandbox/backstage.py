"""`/_sandbox/...`: what people and tests do behind the scene. No token: the server is on loopback only."""

from __future__ import annotations

from functools import partial

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes import NotFound
from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.faults import Faults, parse_rules
from rushes_sandbox.forms import BadBody, problems, read_body, read_json
from rushes_sandbox.orders import ORDERS, Order
from rushes_sandbox.people import People
from rushes_sandbox.store import Store
from rushes_sandbox.uploads import Uploads


class Backstage:
    def __init__(self, store: Store, uploads: Uploads, faults: Faults, people: People) -> None:
        self._store = store
        self._uploads = uploads
        self._faults = faults
        self._people = people

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/assets", self.assets, methods=["GET"]),
            Route("/_sandbox/devices", self.devices, methods=["GET"]),
            Route("/_sandbox/projects", self.projects, methods=["GET"]),
            Route("/_sandbox/sockets", self.sockets, methods=["GET"]),
            Route("/_sandbox/violations", self.violations, methods=["GET"]),
            Route("/_sandbox/faults", self.faults, methods=["GET", "POST", "PUT", "DELETE"]),
            *(
                Route(f"/_sandbox/{name}", partial(self.order, kind), methods=["POST"])
                for name, kind in ORDERS.items()
            ),
        ]

    async def assets(self, _request: Request) -> Response:
        await self._uploads.settled()
        return json_answer(self._store.listed_assets())

    async def violations(self, _request: Request) -> Response:
        return json_answer(self._store.violations.seen)

    async def devices(self, _request: Request) -> Response:
        return json_answer(self._people.devices())

    async def projects(self, _request: Request) -> Response:
        return json_answer(self._people.projects())

    async def sockets(self, _request: Request) -> Response:
        return json_answer(self._people.sockets())

    async def order(self, kind: type[Order], request: Request) -> Response:
        """Do what people do; an empty body is {}."""
        try:
            body = await read_body(request)
            order = kind.model_validate(read_json(body) if body else {})
            return json_answer(order.obey(self._people))
        except BadBody as error:
            raise ApiRefused(400, str(error)) from None
        except ValidationError as error:
            raise ApiRefused(400, *problems(error)) from None
        except NotFound as error:
            raise ApiRefused(404, str(error)) from None

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method in {"POST", "PUT"}:
            try:
                rules = parse_rules(read_json(await read_body(request)))
            except BadBody as error:
                raise ApiRefused(400, str(error)) from None
            except ValidationError as error:
                raise ApiRefused(400, *problems(error)) from None
            if request.method == "PUT":
                self._faults.clear()
            self._faults.add(rules)
        return json_answer(self._faults.left())
