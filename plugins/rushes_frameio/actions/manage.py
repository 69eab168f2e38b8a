"""Actions of the connection manager: who is connected, to what; leave it, choose another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from rushes import Context, NotAuthorised, NotFound, RushesError, Tell, Unavailable
from rushes_frameio.account.connection import Connection
from rushes_frameio.account.sealed import Pair, this_device
from rushes_frameio.actions.pairing import borrowed
from rushes_frameio.calls.apps import Place
from rushes_frameio.refusal.failures import Refused, Unreachable

if TYPE_CHECKING:
    from rushes_frameio.options import FrameioOptions
    from rushes_frameio.sink import FrameioSink

T = TypeVar("T")

#: Where a person reads how an account gets Camera to Cloud.
SUPPORT = "https://help.frame.io/"
NO_ACCOUNT = f"no account of yours has Camera to Cloud; see {SUPPORT}"


async def whoami(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    _arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """The connection's facts, `reachable`, and by which `way` people authorise it ("login" or "code").

    `missing` says what to do where it is "not authorised".

    Where Frame.io cannot be reached they are what it said last.
    """
    async with borrowed(options, context, part) as connection:
        reachable = True
        if connection.tokens.paired:
            known = connection.identity
            try:
                if await connection.identify() is known:
                    await connection.api.health()
            except Unavailable as failure:
                reachable = not isinstance(failure, Unreachable)
            except Refused:
                reachable = False
        facts = {**connection.facts, "reachable": reachable, "way": connection.tokens.way}
        if not connection.tokens.paired:
            facts["missing"] = str(connection.tokens.missing())
        return facts


async def logout(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    _arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Leave the project, revoke the tokens and wipe them with the sealed secret and all names.

    The id of this device stays: it will be the same one again. What was sealed is wiped also when Frame.io
    cannot be told; `untold` is then why.
    """
    async with borrowed(options, context, part) as connection:
        untold: list[str] = []

        async def tell_if_possible(pair: Pair) -> None:
            try:
                await _revoke(connection, pair)
            except (Unavailable, NotAuthorised) as failure:
                untold.append(str(failure))

        held = connection.tokens.held
        if held is not None and held.kind == "app":
            try:
                await _leave(connection)
            except (Unavailable, NotAuthorised) as failure:
                untold.append(str(failure))
        await connection.tokens.surrender(tell_if_possible)
        context.secrets.delete("client_secret")
        return {**connection.facts, "untold": untold[0] if untold else None}


async def disconnect(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    _arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Remove this device from its project; a login stays. Where there is no project nothing happens.

    Raises Unavailable, and changes nothing, when Frame.io cannot be told.
    """
    async with borrowed(options, context, part) as connection:
        held = connection.tokens.held
        if held is not None and held.kind == "device":
            await connection.tokens.surrender(partial(_revoke, connection))
        elif held is not None:
            await _leave(connection)
            await connection.forgotten()
        return connection.facts


async def accounts(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    _arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """`accounts` (id, name) in which the person who logged in may use Camera to Cloud; `support` where none."""
    async with borrowed(options, context, part) as connection:
        _logged_in(connection)
        found = await _asked(connection, connection.apps.accounts) or ()
        facts: dict[str, Any] = {"accounts": [{"id": each.id, "name": each.name} for each in found]}
        return facts if found else {**facts, "support": NO_ACCOUNT}


async def projects(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """`projects` (id, name, account, account_id) of `account`, or of all; `search` is a part of the name."""
    async with borrowed(options, context, part) as connection:
        _logged_in(connection)
        sought = arguments.get("search", "").casefold()
        found = await _projects(connection, arguments.get("account"))
        return {
            "projects": [
                {"id": project.id, "name": project.name, "account": account.name, "account_id": account.id}
                for account, project in found
                if sought in project.name.casefold()
            ]
        }


async def connect(
    options: FrameioOptions,
    context: Context,
    part: FrameioSink | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Connect to `project`, of `account` where that is said; each is an id or a name.

    Raises NotFound where there is none of that name, RushesError where there are several.
    """
    async with borrowed(options, context, part) as connection:
        _logged_in(connection)
        found = await _projects(connection, arguments.get("account"))
        project = _choose([place for _, place in found], arguments["project"], "project")
        if connection.identity is not None and connection.identity.project_id == project.id:
            return connection.facts
        # Nothing goes anywhere until the service has said where this device is.
        async with connection.belonging.emptied():
            await connection.changing()
            try:
                await _asked(connection, partial(_connect, connection, project.id))
            finally:
                # Also when the answer was lost: it may have been connected.
                await connection.tokens.introduce()
        return connection.facts


async def _connect(connection: Connection, project: str, access: str) -> None:
    await connection.apps.connect(access, project)


async def _leave(connection: Connection) -> None:
    """Remove an app's device from its project; that it has gone already is fine."""
    await _asked(connection, connection.apps.disconnect, gone={403, 404})


async def _revoke(connection: Connection, pair: Pair) -> None:
    """Revoke what a code brought, which removes the device from its project; that it has gone already is fine.

    For an app there is no documented call: its tokens are wiped, and end by themselves.
    """
    if pair.kind == "app":
        return
    try:
        await connection.api.revoke(this_device(connection.context), pair.refresh)
    except Refused as refused:
        if refused.status not in {400, 401, 403, 404} or refused.name == "invalid_client":
            raise Unavailable(f"Frame.io answered {refused}", retry_after=refused.retry_after) from refused


async def _projects(connection: Connection, account: str | None) -> list[tuple[Place, Place]]:
    """Accounts with their projects."""
    found = await _asked(connection, connection.apps.accounts) or ()
    if not found:
        raise NotFound(NO_ACCOUNT)
    wanted = found if account is None else (_choose(found, account, "account"),)
    pairs: list[tuple[Place, Place]] = []
    for each in wanted:
        listed = await _asked(connection, partial(_listed, connection, each.id), gone={403, 404}) or ()
        pairs += [(each, project) for project in listed]
    return pairs


async def _listed(connection: Connection, account: str, access: str) -> tuple[Place, ...]:
    return await connection.apps.projects(access, account)


def _choose(places: tuple[Place, ...] | list[Place], wanted: str, what: str) -> Place:
    by_id = [place for place in places if place.id == wanted]
    found = by_id or [place for place in places if place.name.casefold() == wanted.casefold()]
    if not found:
        raise NotFound(f"no {what} {wanted}; there is {', '.join(place.name for place in places) or 'none'}")
    if len(found) > 1:
        raise RushesError(
            f"several are called {wanted}; say which by its id: {', '.join(p.id for p in found)}"
        )
    return found[0]


async def _asked(
    connection: Connection,
    request: Callable[[str], Awaitable[T]],
    *,
    gone: frozenset[int] | set[int] = frozenset(),
) -> T | None:
    """A call of a person's: its failures are told in their words; None where it is refused with one of `gone`."""
    try:
        return await connection.tokens.call(request)
    except Refused as refused:
        if refused.status in gone:
            return None
        raise Unavailable(f"Frame.io answered {refused}", retry_after=refused.retry_after) from refused
    except Unavailable as failure:
        if not connection.tokens.paired:
            raise NotAuthorised(str(failure)) from failure
        raise


def _logged_in(connection: Connection) -> None:
    held = connection.tokens.held
    if held is None:
        raise NotAuthorised("not logged in; run: pipeline frameio login FILE")
    if held.kind != "app":
        raise RushesError(
            "paired by code: who typed it chose the project; for another run: pipeline frameio pair FILE"
        )
