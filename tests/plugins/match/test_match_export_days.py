"""Shooting days."""

from __future__ import annotations

from datetime import UTC, datetime

from rushes_match.export.days import dates


def wall(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_a_night_is_of_the_day_on_which_it_began():
    walls = {
        "evening": wall("2026-11-22T20:00"),
        "night": wall("2026-11-23T00:30"),
        "late": wall("2026-11-23T04:00"),
    }
    walls["morning"] = wall("2026-11-23T12:00")
    assert dates(walls, []) == {
        "evening": "2026-11-22", "night": "2026-11-22", "late": "2026-11-22", "morning": "2026-11-23",
    }  # fmt: skip


def test_shooting_round_the_clock_has_days_too():
    walls = {str(hour): wall("2026-11-22T08:00") + hour * 3600 for hour in range(100)}
    assert set(dates(walls, []).values()) == {"2026-11-22", "2026-11-23", "2026-11-25"}


def test_what_is_matched_is_of_the_day_of_most():
    walls = {"a": wall("2020-01-01T10:00"), "b": wall("2026-11-22T10:00"), "s": wall("2026-11-22T10:00")}
    assert set(dates(walls, [("a", "s"), ("b", "s")]).values()) == {"2026-11-22"}


def test_of_two_the_day_with_more_recordings_counts():
    walls = {"a": wall("2030-01-01T10:00"), "s": wall("2026-11-22T10:00"), "w": wall("2026-11-22T11:00")}
    assert dates(walls, [("a", "s"), ("a", "gone")])["a"] == "2026-11-22"


def test_two_sessions_of_one_date_are_one_day():
    walls = {"early": wall("2026-11-22T05:00"), "late": wall("2026-11-22T15:00")}
    assert set(dates(walls, []).values()) == {"2026-11-22"}
