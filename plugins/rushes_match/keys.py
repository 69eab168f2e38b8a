"""The `meta` keys that match writes, beside the columns of `rushes.columns`: what records say of a clip."""

from __future__ import annotations

from collections.abc import Mapping

KEYS: Mapping[str, str] = {
    "episode": "number of the episode",
    "day": "number of the project's day",
    "shooting_day": "date of the project's day",
    "location": "place of the scene",
    "day_night": "whether the scene plays by day or by night",
    "inside_outside": "whether the scene plays inside or outside",
    "cast": "who is in the clip, joined by commas",
    "pickup": "true of a pickup",
    "print_state": "state of the print, where it is more than circled or not",
    "clapper_only": "true of a clip that shows the clapper alone",
    "production_sound": "true of a picture with production sound",
    "camera_height": "height of the camera",
    "focus_distance": "distance of the focus",
    "aperture": "aperture of the lens",
    "filters": "filters before the lens, joined by commas",
    "magazine": "magazine of the camera",
    "model": "model of the camera",
    "sensor_rate": "pictures a second that the sensor took",
    "recorder": "model of the sound recorder",
    "sound_types": "kinds of sound, joined by commas",
}
