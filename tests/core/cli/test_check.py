"""`check` tells where in the file an option stands that cannot work on this machine."""

from __future__ import annotations

import pytest

FILE = """\
pipeline: check
state: ./state
sources:
  - {id: cards, use: folder, path: ./A001}
prepare: [match]
sinks:
  - {id: backup, use: disk, path: ./out}
routes:
  - id: proxies
    when: true
    steps:
      - use: proxy
        OPTION
    to: [backup]
"""


@pytest.mark.parametrize(
    ("option", "column", "told"),
    [
        ("lut: gone.cube", 14, "gone.cube cannot be read: No such file"),
        ("cdl: broken.cc", 14, "cdl broken.cc cannot be used: "),
        ("burn_in: {name: true, font: broken.cc}", 37, "burn_in: font broken.cc is no font; "),
        ("ffmpeg: /bin/true", 17, "ffmpeg is '/bin/true': no ffmpeg, "),
    ],
)
def test_a_named_file_or_program_that_cannot_be_used_is_told_with_its_place(
    pipeline, tmp_path, option, column, told
):
    (tmp_path / "A001").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "broken.cc").write_text("<ColorCorrection>")
    file = tmp_path / "check.yaml"
    file.write_text(FILE.replace("OPTION", option))
    result = pipeline("check", str(file))
    assert result.exit_code == 2, result.output
    [line] = [line for line in result.stdout.splitlines() if line.startswith("transform")]
    begins = f"transform proxies.proxy (proxy): error: {file}:13:{column}: "
    assert line.startswith(begins)
    assert told in line[len(begins) :]
    assert "note: annotator 'match' works with what 'probe' says: " in result.stdout
