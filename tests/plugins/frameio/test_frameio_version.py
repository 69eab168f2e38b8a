"""`x-client-version` is semver, whatever the package's version is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_frameio.calls.version import client_version, semver

# As semver.org suggests it, word by word.
OFFICIAL = re.compile(
    r"^(?P<major>0|[1-9]\d*)\.(?P<minor>0|[1-9]\d*)\.(?P<patch>0|[1-9]\d*)"
    r"(?:-(?P<prerelease>(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
    r"(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?"
    r"(?:\+(?P<buildmetadata>[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$"
)

number = st.integers(0, 10**9).map(str) | st.from_regex(r"0{1,3}[0-9]{1,4}", fullmatch=True)


@st.composite
def pep440(draw):
    parts = [draw(st.sampled_from(["", "v"])), draw(st.just("") | number.map("{}!".format))]
    parts.append(".".join(draw(st.lists(number, min_size=1, max_size=5))))
    for prefix in (draw(st.sampled_from(["a", "b", "rc"])), ".post", ".dev"):
        parts.append(draw(st.just("") | number.map(f"{prefix}{{}}".format)))
    local = st.from_regex(r"[a-z0-9]{1,5}([-_.][a-z0-9]{1,5}){0,3}", fullmatch=True)
    parts.append(draw(st.just("") | local.map("+{}".format)))
    return "".join(parts)


@given(pep440())
def test_every_version_of_pep_440_is_a_semver_with_the_same_release(version):
    found = OFFICIAL.match(semver(version))
    assert found
    release = version.removeprefix("v").partition("!")[2] or version.removeprefix("v")
    first = int(re.match(r"\d+", release)[0])
    assert int(found["major"]) == first
    assert bool(found["prerelease"]) == bool(re.search(r"\d(a|b|rc)\d|\.dev", version.split("+")[0]))


@given(st.text(max_size=30))
def test_anything_else_is_a_semver_too(text):
    assert OFFICIAL.match(semver(text))


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.1.0", "0.1.0"),
        ("1", "1.0.0"),
        ("0.2.0rc1.dev3+local", "0.2.0-rc.1.dev.3+local"),
        ("1.2.3.4.post2+g12_ab", "1.2.3+4.post.2.g12.ab"),
        ("1!2.0a01", "2.0.0-alpha.1+epoch.1"),
        ("nightly", "0.0.0"),
        ("1.0.0\n", "1.0.0"),
    ],
)
def test_examples(version, expected):
    assert semver(version) == expected


def test_this_installation_has_one():
    assert OFFICIAL.match(client_version())
    assert client_version() != "0.0.0"


async def test_every_call_carries_it(stage):
    async with stage.open():
        pass
    log = stage.sandbox.log()
    assert log
    assert stage.sandbox.violations() == []  # the service checks it on each
