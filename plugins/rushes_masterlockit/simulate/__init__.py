"""A shooting day to play with: a script, devices that say it to a hub, and the files they would have made."""

from rushes_masterlockit.simulate.day import Day, make_day
from rushes_masterlockit.simulate.media import Media
from rushes_masterlockit.simulate.play import Play, Told

__all__ = ["Day", "Media", "Play", "Told", "make_day"]
