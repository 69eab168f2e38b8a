"""What is shot: the project and its days, and what the script counts: episodes, scenes, slates, takes."""

from __future__ import annotations

from msgspec import UNSET

from rushes_masterlockit.formats.form import Form, Maybe


class Customer(Form, frozen=True, kw_only=True):
    """`is_active` is a text in the seed."""

    uuid: Maybe[str] = UNSET
    name: Maybe[str] = UNSET
    address: Maybe[str] = UNSET
    is_active: Maybe[str | bool] = UNSET


class ProductionNumber(Form, frozen=True, kw_only=True):
    title: Maybe[str] = UNSET
    number: Maybe[str] = UNSET


class Project(Form, frozen=True, kw_only=True):
    """`type` is "movie" or "series"."""

    uuid: Maybe[str] = UNSET
    name: Maybe[str] = UNSET
    customer: Maybe[Customer] = UNSET
    numbers: Maybe[list[ProductionNumber]] = UNSET
    type: Maybe[str] = UNSET


class ProjectDay(Form, frozen=True, kw_only=True):
    """`date` is yyyy-MM-dd."""

    uuid: Maybe[str] = UNSET
    number: Maybe[int] = UNSET
    additional: Maybe[str] = UNSET
    date: Maybe[str] = UNSET


class Episode(Form, frozen=True, kw_only=True):
    """`scheduled_running_time` in seconds."""

    uuid: Maybe[str] = UNSET
    number: Maybe[int] = UNSET
    name: Maybe[str] = UNSET
    scheduled_running_time: Maybe[int] = UNSET


class StoryDay(Form, frozen=True, kw_only=True):
    """`date` is yyyy-MM-dd."""

    number: Maybe[int] = UNSET
    date: Maybe[str] = UNSET


class SplitTime(Form, frozen=True, kw_only=True):
    """What was shot of a scene on one day: seconds, and eighths of a page."""

    actual_running_time: Maybe[int] = UNSET
    estimated_running_time: Maybe[int] = UNSET
    pages: Maybe[int] = UNSET
    project_day: Maybe[ProjectDay] = UNSET


class Planned(Form, frozen=True, kw_only=True):
    """What scenes and slates have in common: a number, and the days on which something became of them."""

    uuid: Maybe[str] = UNSET
    number: Maybe[int] = UNSET
    additional: Maybe[str] = UNSET
    comment: Maybe[str] = UNSET
    scheduled_on_project_day: Maybe[ProjectDay] = UNSET
    created_on_project_day: Maybe[ProjectDay] = UNSET
    shooting_started_on_project_day: Maybe[ProjectDay] = UNSET
    shooting_ended_on_project_day: Maybe[ProjectDay] = UNSET
    canceled_on_project_day: Maybe[ProjectDay] = UNSET
    repeated_on_project_day: Maybe[ProjectDay] = UNSET
    additional_on_project_day: Maybe[ProjectDay] = UNSET


class Scene(Planned, frozen=True, kw_only=True):
    """`pages` in eighths, `editors_running_time` in seconds; `inside_outside` and `day_night` are free text."""

    editors_running_time: Maybe[int] = UNSET
    pages: Maybe[int] = UNSET
    content: Maybe[str] = UNSET
    inside_outside: Maybe[str] = UNSET
    day_night: Maybe[str] = UNSET
    location: Maybe[str] = UNSET
    sets: Maybe[list[str]] = UNSET
    story_day: Maybe[StoryDay] = UNSET
    split_times: Maybe[list[SplitTime]] = UNSET
    scenes_included: Maybe[list[Scene]] = UNSET


class Slate(Planned, frozen=True, kw_only=True):
    """A set-up; where slates are letters, `additional` has them."""


class Take(Form, frozen=True, kw_only=True):
    """`print_state` is unpublished: 0 unmarked and 1 circled is what is known (reference 3.1)."""

    uuid: Maybe[str] = UNSET
    number: Maybe[int] = UNSET
    comment: Maybe[str] = UNSET
    preset_comments: Maybe[list[str]] = UNSET
    running_time: Maybe[int] = UNSET
    is_pickup: Maybe[bool] = UNSET
    print_state: Maybe[int] = UNSET
