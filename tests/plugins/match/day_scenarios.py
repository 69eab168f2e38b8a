"""Named scenarios of shooting days, and a mixture of all troubles by seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from .day_kit import Kit
from .day_maker import Day, make_day
from .day_takes import Shoot

HOUR, DAY = 3600.0, 86400.0
AB, ABCDE = ("A", "B"), ("A", "B", "C", "D", "E")
ZONE_ERRORS = (-HOUR, HOUR, 2 * HOUR, -6 * HOUR, 9 * HOUR, -DAY, DAY, -365 * DAY, -7 * 365 * DAY)

#: A machine's day: one take after the other at nearly the same distance.
EVEN = Shoot(
    setups=40, take_s=(20, 22), gap_s=(8, 9), setup_gap_s=(0, 1), cameras=("A",), mos=0, late=0, wild=0, series=0,
    false_starts=0, keeps_rolling=0, split=0, span=0, joins=1.0,
)  # fmt: skip

Choice = Callable[[Random], tuple[Shoot, Kit]]


def _wrong_walls(random: Random) -> tuple[Shoot, Kit]:
    wrong = {device: random.choice(ZONE_ERRORS) + random.uniform(-90, 90) for device in ("A", "C", "mixer")}
    return Shoot(cameras=("A", "B", "C")), Kit(walls=wrong)


def _days_wrong_year(random: Random) -> tuple[Shoot, Kit]:
    return Shoot(days=3, cameras=AB, setups=8), Kit(walls={"B": random.choice((-7, -1, 1)) * 365 * DAY})


def _night(random: Random) -> tuple[Shoot, Kit]:
    rate = random.choice(("25", "24", "23.976"))
    return Shoot(begins_hour=19.0, setups=16, days=random.choice((1, 2))), Kit(
        picture_rate=rate, sound_rate=rate
    )


def _mixed(picture: str, sound: str) -> Choice:
    return lambda _: (Shoot(setups=14), Kit(picture_rate=picture, sound_rate=sound))


def _always(shoot: Shoot, kit: Kit) -> Choice:
    return lambda _: (shoot, kit)


#: What a set goes through, by name.
SCENARIOS: Mapping[str, Choice] = {
    "plain": _always(Shoot(), Kit()),
    "five cameras, two recorders": _always(Shoot(cameras=ABCDE, recorders=("mixer", "bag")), Kit()),
    "few clips": _always(Shoot(cameras=("A",), setups=2), Kit()),
    "23.976 with 24": _mixed("23.976", "24"),
    "24 with 23.976": _mixed("24", "23.976"),
    "23.976 with 29.97": _mixed("23.976", "29.97"),
    "23.976 with 29.97df": _mixed("23.976", "29.97df"),
    "29.97df with 29.97": _mixed("29.97df", "29.97"),
    "59.94df with 23.976": _mixed("59.94df", "23.976"),
    "night": _night,
    "never jammed": _always(Shoot(cameras=("A", "B", "C")), Kit(clocks={"B": "free"})),
    "nobody jammed": _always(Shoot(), Kit(clocks={"A": "free", "B": "free"})),
    "drift": _always(Shoot(setups=14), Kit(drift_ppm=(10, 50), jams=(0.0, 4.0, 7.0))),
    "jam lost at a battery change": _always(Shoot(setups=16), Kit(clocks={"B": "lost"}, jams=(0.0, 6.0))),
    "wrong walls": _wrong_walls,
    "days with the same timecode": _always(Shoot(days=3, setups=8), Kit(offload="wrap")),
    "days, everything offloaded late": _always(
        Shoot(days=4, setups=6), Kit(offload="late", file_names="C0001")
    ),
    "days, one camera in another year": _days_wrong_year,
    "rec run": _always(Shoot(cameras=("A", "B")), Kit(clocks={"B": "rec"}, wall_error=3)),
    "rec run, wall wrong": _always(
        Shoot(cameras=("A", "B"), setups=14), Kit(clocks={"B": "rec"}, walls={"B": HOUR + 17})
    ),
    "no timecode on a camera": _always(Shoot(cameras=("A", "B")), Kit(clocks={"B": "none"}, wall_error=60)),
    "no timecode on the recorder": _always(Shoot(), Kit(clocks={"mixer": "none"}, wall_error=60)),
    "false starts and pickups": _always(
        Shoot(false_starts=0.4, pickups=0.4, series=0.2, keeps_rolling=0.2, gap_s=(6, 40)), Kit()
    ),
    "MOS and wild tracks": _always(Shoot(mos=0.4, wild=0.3), Kit(names_on_pictures=0.3)),
    "split and spanned": _always(Shoot(split=0.4, span=0.4, cameras=("A", "B", "C")), Kit()),
    "late cameras": _always(Shoot(late=0.6, cameras=("A", "B", "C")), Kit()),
    "missing metadata": _always(
        Shoot(cameras=("A", "B", "C"), setups=14),
        Kit(names_on_sound=0.5, missing_timecode=0.06, missing_wall=0.15, missing_length=0.03),
    ),
    "no names at all": _always(Shoot(cameras=("A", "B", "C")), Kit(names_on_sound=0.0, file_names="")),
    "names everywhere": _always(Shoot(repeats=0.03), Kit(names_on_pictures=0.9)),
    "wrong take numbers": _always(Shoot(setups=14), Kit(names_on_pictures=0.9, wrong_numbers=0.4)),
    "slates": _always(Shoot(recorders=("mixer", "bag")), Kit(names_on_pictures=0.6, slates=True)),
    "streams by roll": _always(Shoot(setups=14), Kit(grouping="roll")),
    "streams merged": _always(Shoot(cameras=("A", "B", "C")), Kit(grouping="merged")),
    "documentary": _always(
        Shoot(take_s=(3, 40), gap_s=(4, 20), setup_gap_s=(30, 200), setups=20, cameras=("A",), mos=0), Kit()
    ),
    "concert": _always(
        Shoot(
            cameras=ABCDE,
            take_s=(1500, 3000),
            setups=3,
            gap_s=(60, 300),
            split=0.7,
            span=0.7,
            false_starts=0.1,
        ),
        Kit(roll_clips=(2, 5)),
    ),
    "no dates": _always(Shoot(cameras=("A", "B", "C")), Kit(no_walls=True, clocks={"B": "free"})),
    "no dates, two days": _always(Shoot(days=2, setups=7), Kit(no_walls=True, offload="wrap")),
    "no dates, mixed rates": _always(
        Shoot(setups=14), Kit(no_walls=True, picture_rate="23.976", sound_rate="24", names_on_pictures=0.5)
    ),
    "jammed beside the mark": _always(Shoot(gap_s=(4, 40)), Kit(clocks={"A": "near", "B": "near"})),
    "quick takes": _always(
        Shoot(take_s=(4, 15), gap_s=(5, 9), setups=14, cameras=("A", "B"), mos=0), Kit(clocks={"B": "near"})
    ),
    "sound rolls for hours": _always(
        Shoot(setups=8, rolls_on=True, recorders=("mixer", "bag")), Kit(clocks={"B": "free"})
    ),
    "few clips, beside the mark": _always(
        Shoot(setups=3, cameras=("A",)), Kit(clocks={"A": "near"}, names_on_pictures=1.0)
    ),
    "even takes": _always(EVEN, Kit()),
    "even takes, streams by roll": _always(EVEN, Kit(grouping="roll", roll_clips=(30, 30))),
    "even takes, no dates": _always(EVEN, Kit(no_walls=True, names_on_sound=0.0)),
    "claps": _always(Shoot(claps=0.8, setups=14), Kit(clocks={"B": "free"}, drift_ppm=(5, 30))),
    "two units": _always(
        Shoot(setups=8, second_unit=(("X",), ("second",))), Kit(names_on_pictures=1.0, wall_error=5)
    ),
}


def _no_clocks(_: Random) -> tuple[Shoot, Kit]:
    """Neither timecode nor date nor a name on the pictures."""
    dark = dict.fromkeys(("A", "B", "mixer"))
    return Shoot(setups=6), Kit(clocks=dict.fromkeys(dark, "none"), walls=dark, names_on_pictures=0.0)


#: Days of which nothing can be known.
BLIND: Mapping[str, Choice] = {"blind: no clocks": _no_clocks}


def mixture(random: Random) -> tuple[Shoot, Kit]:
    """Any set with several troubles at once, as sets have them."""
    chance, pick, between = random.random, random.choice, random.uniform
    cameras = ABCDE[: pick((1, 2, 2, 2, 3, 3, 4, 5))]
    recorders = ("mixer", "bag")[: pick((1, 1, 1, 2))]
    rate = pick(("23.976", "24", "25", "25", "29.97", "29.97df", "50", "59.94df"))
    sound = rate
    if chance() < 0.25:
        rate, sound = pick((("23.976", "24"), ("23.976", "29.97"), ("23.976", "29.97df"), ("59.94df", "23.976"),
                            ("50", "25"), ("47.952", "23.976")))  # fmt: skip
    clocks = {}
    for camera in cameras[1:]:
        if chance() < 0.25:
            clocks[camera] = pick(("free", "free", "lost", "rec", "none", "near", "near"))
    walls: dict[str, float | None] = {}
    for device in (*cameras, *recorders):
        if chance() < 0.2:
            walls[device] = pick(ZONE_ERRORS) + between(-90, 90)
    days = pick((1, 1, 1, 2, 3))
    shoot = Shoot(
        days=days,
        begins_hour=pick((6.0, 7.0, 8.0, 13.0, 18.0, 20.0)),
        setups=random.randint(5, 14),
        cameras=cameras,
        recorders=recorders,
        take_s=pick(((10, 140), (5, 60), (30, 300))),
        gap_s=pick(((10, 150), (6, 40))),
        late=between(0, 0.2),
        pickups=between(0, 0.25),
        false_starts=between(0, 0.2),
        series=between(0, 0.15),
        keeps_rolling=between(0, 0.1),
        mos=between(0, 0.2),
        wild=between(0, 0.15),
        split=between(0, 0.1),
        span=between(0, 0.1),
        repeats=pick((0, 0, 0.03)),
        rolls_on=len(recorders) > 1 and chance() < 0.15,
        claps=pick((0, 0, 0.5)),
    )
    kit = Kit(
        picture_rate=rate,
        sound_rate=sound,
        clocks=clocks,
        walls=walls,
        wall_error=pick((5, 20, 120)),
        no_walls=chance() < 0.1 and days == 1 and not {"rec", "none"} & {*clocks.values()},
        drift_ppm=pick(((0, 4), (0, 4), (5, 50))),
        jams=pick(((0.0,), (0.0, 5.5), (0.0, 3.5, 7.0))),
        names_on_pictures=pick((0.0, 0.0, 0.0, 0.3, 0.9)),
        names_on_sound=pick((1.0, 1.0, 0.9, 0.5, 0.0)),
        slates=chance() < 0.2,
        wrong_numbers=pick((0.0, 0.0, 0.1, 0.3)),
        missing_timecode=pick((0.0, 0.0, 0.0, 0.04)),
        missing_wall=pick((0.0, 0.0, 0.05, 0.2)),
        missing_length=pick((0.0, 0.0, 0.0, 0.02)),
        file_names=pick(("unique", "unique", "C0001", "")),
        grouping=pick(("device", "device", "device", "device", "roll")),
        offload=pick(("rolls", "rolls", "wrap", "late")),
    )
    return shoot, kit


def scenario(name: str, seed: int) -> Day:
    """The day of that name ("mixture", a scenario, a blind one) by that seed."""
    choice = {"mixture": mixture, **SCENARIOS, **BLIND}[name]
    shoot, kit = choice(Random(f"{name} {seed}"))
    return make_day(name, shoot, kit, seed, blind=name in BLIND)
