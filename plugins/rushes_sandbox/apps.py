"""What an app may ask for a person who logged in: who that is, accounts, projects, connect (reference, section 3)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rushes_sandbox.answers import ApiRefused, json_answer
from rushes_sandbox.devices import Grant
from rushes_sandbox.guard import client_version
from rushes_sandbox.project import identity
from rushes_sandbox.projects import USER_EMAIL, user
from rushes_sandbox.store import Store


class Apps:
    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        return [
            Route("/v2/me", self.me, methods=["GET"]),
            Route("/v2/devices/accounts", self.accounts, methods=["GET"]),
            Route("/v2/devices/accounts/{account_id}/projects", self.projects, methods=["GET"]),
            Route("/v2/devices/connect", self.connect, methods=["POST"]),
            Route("/v2/devices/disconnect", self.disconnect, methods=["POST"]),
        ]

    async def me(self, request: Request) -> Response:
        self._logged_in(request)
        return json_answer({**user(), "email": USER_EMAIL, "profile_image": None})

    async def accounts(self, request: Request) -> Response:
        self._logged_in(request)
        return json_answer(
            [
                {"_type": "account", "id": account, "display_name": name}
                for account, name in self._store.projects.accounts().items()
            ]
        )

    async def projects(self, request: Request) -> Response:
        self._logged_in(request)
        account = request.path_params["account_id"]
        if account not in self._store.projects.accounts():
            raise ApiRefused(404, "There is no such account with Camera to Cloud.")
        return json_answer([project.shown() for project in self._store.projects.within(account)])

    async def connect(self, request: Request) -> Response:
        """Connect the app to a project; one it was connected to before loses it.

        An install is told from others of the same app by `device_id` in the query where it comes (the
        documents name no place for it), else by its login.
        """
        grant = self._logged_in(request)
        if "device_connect" not in grant.scopes:
            raise ApiRefused(403, "The login has not the scope device.connect.")
        project = self._store.projects.all.get(request.query_params.get("project_id", ""))
        if project is None:
            raise ApiRefused(404, "There is no project with this project_id.")
        if project.account_id not in self._store.projects.accounts():
            raise ApiRefused(403, "Camera to Cloud is not enabled in this account.")
        install = request.query_params.get("device_id", grant.id)
        device = self._store.devices.connect(f"{grant.client_id}/{install}", project)
        self._store.tokens.connect(grant, device)
        return json_answer(identity(self._store, grant, client_version(self._store, request)))

    async def disconnect(self, request: Request) -> Response:
        grant = self._logged_in(request)
        if grant.connected:
            self._store.devices.forget(grant.connected)
        return Response(status_code=204)

    def _logged_in(self, request: Request) -> Grant:
        client_version(self._store, request)
        grant = self._store.tokens.authorise(request.headers.get("authorization", ""))
        if not grant.app:
            raise ApiRefused(403, "A device that was paired by code has no user.")
        return grant
