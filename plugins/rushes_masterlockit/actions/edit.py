"""The action `edit`: a person changes members of a clip."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rushes import Context, Permanent, Tell
from rushes_masterlockit.actions.finding import find_clip
from rushes_masterlockit.actions.people import refuse_resting_hub
from rushes_masterlockit.actions.reading import bodies_of, repository_of
from rushes_masterlockit.client import edit_at_rest
from rushes_masterlockit.formats import FormatError, changes
from rushes_masterlockit.identity import own_id

if TYPE_CHECKING:
    from rushes_masterlockit.options import MasterlockitOptions
    from rushes_masterlockit.source import MasterlockitSource

#: The arguments that are a member with another name in each kind of clip, and what is written there.
_FLAGS: Mapping[str, Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "circle": {
        "sound": ("circle", {"yes": "true", "no": "false"}),
        "video": ("take.printState", {"yes": "1", "no": "0"}),
    },
    "waste": dict.fromkeys(("sound", "video"), ("isWaste", {"yes": "true", "no": "false"})),
}
_COMMENT = {"sound": "comment", "video": "take.comment"}


async def edit(
    options: MasterlockitOptions,
    context: Context,
    part: MasterlockitSource | None,
    arguments: Mapping[str, str],
    _tell: Tell,
) -> Mapping[str, Any]:
    """Of `clip` (as `find_clip`): `changes`, a JSON list of texts NAME=VALUE, `circle` and `waste` (yes or no),
    `comment`. Returns the id as `clip`, its `record` as it stands now, `told` whether the set has it so, else
    `why` not.
    """
    running = part.door if part is not None else None
    credentials = None if running is not None else refuse_resting_hub(options, context)
    id_ = await find_clip(context, arguments.get("clip", ""))
    repository = await repository_of(options, context, part)
    held = await bodies_of(repository, context, part, [id_])
    if not held:
        raise Permanent(f"clip {id_} was deleted")
    clip = json.loads(held[0])
    try:
        patch = changes(clip, list(_assignments(str(clip["type"]), arguments)))
    except FormatError as error:
        raise Permanent(str(error)) from error
    if not patch:
        raise Permanent("nothing says what to change; give NAME=VALUE, or see --help")
    if running is not None:
        edited = await running.edit(id_, patch)
    else:
        assert credentials is not None  # it is at rest
        edited = await edit_at_rest(options, credentials, await own_id(context), context, id_, patch)
    return {"clip": id_, "told": not edited.why, "why": edited.why, "record": json.loads(edited.body)}


def _assignments(kind: str, arguments: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    try:
        said = json.loads(arguments.get("changes", "[]"))
    except ValueError:
        said = None
    if not isinstance(said, list) or not all(isinstance(text, str) for text in said):
        raise Permanent("changes is no JSON list of texts NAME=VALUE")
    for text in said:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise Permanent(f"{text[:60]!r} is not NAME=VALUE; write comment=late")
        yield name.strip(), value
    for flag, members in _FLAGS.items():
        if flag in arguments:
            name, words = members[kind]
            if arguments[flag] not in words:
                raise Permanent(f"{flag} is yes or no, not {arguments[flag][:40]!r}")
            yield name, words[arguments[flag]]
    if "comment" in arguments:
        yield _COMMENT[kind], arguments["comment"]
