"""The day as other programs take it: OpenTimelineIO, ALE, CSV. Only `as_otio` imports opentimelineio."""
