"""`explain` names who told each value: the file, the record of a device, the sound of a picture."""

from __future__ import annotations

from .match_rig import on_set, picture, record, sound


async def test_each_value_has_its_teller(tmp_path):
    async with on_set(tmp_path) as made:
        await made.devices(("0102030405060708", "A-Cam"))
        await made.give(
            picture("A001C001.mov", "10:00:05:00", iso=800),
            sound("T001.wav", "10:00:00:00", scene="12", take="1"),
        )
        await made.give(record("r1", "A001C001.mov", lens="Prime 40", take={"number": 5}, isWaste=False))
        document = await made.engine.clip("A001C001")
    tellers = document["tellers"]
    told = {
        name: (teller["by"], teller["basis"], [original["name"] for original in teller["of"]])
        for name, teller in tellers.items()
    }
    record_of = ("match", "record", ["A-Cam"])
    assert {name: told[name] for name in ("iso", "take", "lens", "waste", "scene", "matched")} == {
        "iso": ("set", "file", []),
        "take": record_of,
        "lens": record_of,
        "waste": record_of,
        "scene": ("match", "record", ["T001.wav"]),
        "matched": ("match", "record", []),
    }
    assert tellers["take"]["of"] == [{"kind": "record", "id": "r1", "name": "A-Cam"}]
