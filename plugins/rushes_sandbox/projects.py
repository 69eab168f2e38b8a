"""The projects that devices can be connected to, the accounts that hold them, and the one user.

Everything refers to a project by its id: a rename changes a label and nothing else.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rushes import NotFound
from rushes_sandbox.book import Book, Settings
from rushes_sandbox.journal import Fact, Journal

PROJECT_NAME = "Sandbox Project"
ACCOUNT_NAME = "Sandbox Account"
USER_NAME = "Sandy Box"
USER_EMAIL = "sandy.box@example.com"


def fixed(name: str) -> str:
    """The same UUID for the same name, in every sandbox."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"rushes-sandbox:{name}"))


USER_ID = fixed("user")


@dataclass(kw_only=True)
class Project:
    id: str
    name: str
    account: str
    """Name of the account that holds it."""

    @property
    def account_id(self) -> str:
        return fixed(f"account:{self.account}")

    def shown(self) -> dict[str, str]:
        return {"_type": "project", "id": self.id, "name": self.name}


class Projects(Book):
    name = "projects"

    def __init__(self, journal: Journal, settings: Settings) -> None:
        super().__init__(journal, settings)
        self.all: dict[str, Project] = {}
        for name in (PROJECT_NAME, *settings.projects):
            self._keep(Project(id=fixed(f"project:{name}"), name=name, account=ACCOUNT_NAME))

    def add(self, name: str, account: str | None) -> Project:
        """Make a project; two may have one name, as in the real service."""
        new = str(uuid.uuid4())
        self.record("added", id=new, name=name, account=account or ACCOUNT_NAME)
        return self.all[new]

    def find(self, wanted: str | None) -> Project:
        """Return the project of an id or, failing that, the first of a name; the first of all for None."""
        if wanted is None:
            return next(iter(self.all.values()))
        found = self.all.get(wanted) or next((p for p in self.all.values() if p.name == wanted), None)
        if found is None:
            raise NotFound(f"project {wanted!r}: there is none; GET /_sandbox/projects lists them")
        return found

    def rename(self, wanted: str | None, name: str) -> Project:
        project = self.find(wanted)
        self.record("renamed", id=project.id, name=name)
        return project

    def accounts(self) -> Mapping[str, str]:
        """Ids and names of the accounts in which the user may use C2C."""
        if not self._settings.c2c:
            return {}
        return {project.account_id: project.account for project in self.all.values()}

    def within(self, account_id: str) -> Sequence[Project]:
        return [project for project in self.all.values() if project.account_id == account_id]

    def apply(self, fact: Fact) -> None:
        match fact["what"]:
            case "added":
                self._keep(Project(id=fact["id"], name=fact["name"], account=fact["account"]))
            case "renamed":
                self.all[fact["id"]].name = fact["name"]

    def _keep(self, project: Project) -> None:
        self.all[project.id] = project


def user() -> dict[str, Any]:
    """Whoever confirms codes and logs in."""
    return {"_type": "user", "id": USER_ID, "name": USER_NAME}
