"""What a person may write for a source `masterlockit`."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from rushes_masterlockit.options import MasterlockitOptions, addresses
from rushes_masterlockit.reports import called


@pytest.mark.parametrize(
    ("written", "host"), [("hub.local", "hub.local"), ("::1", "::1"), ("[fe80::1]", "fe80::1")]
)
def test_a_host_is_a_name_or_an_address(written, host):
    assert MasterlockitOptions(host=written).host == host


@pytest.mark.parametrize("written", ["", " ", "a b", "10.0.0.5:42000", "hub:42000"])
def test_a_host_has_no_port(written):
    with pytest.raises(ValidationError, match="is no host"):
        MasterlockitOptions(host=written)


@pytest.mark.parametrize(
    ("written", "rate"), [(25, "25"), (29.97, "29.97"), ("29.97df", "29.97df"), (None, None)]
)
def test_a_rate_may_be_a_number(written, rate):
    assert MasterlockitOptions(host="hub", project_rate=written).project_rate == rate


@pytest.mark.parametrize("written", [26, True, "x"])
def test_what_is_no_rate_is_refused(written):
    with pytest.raises(ValidationError):
        MasterlockitOptions(host="hub", project_rate=written)


def test_claps_are_told_with_the_names_of_their_slates():
    claps = called([{"device": "0a", "seen": 1}, {"device": "0b"}], {"0a": "Slate"})
    assert claps == [{"device": "Slate", "seen": 1}, {"device": "0b"}]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"host": "hub.local"}, ("tcp://hub.local:42000",)),
        ({"host": "fd00::1", "port": 7}, ("tcp://[fd00::1]:7",)),
        ({"listen": "127.0.0.1:0"}, ()),
    ],
)
def test_the_doctor_looks_for_the_hub_that_is_followed(options, named):
    assert addresses(MasterlockitOptions(**options)) == named
