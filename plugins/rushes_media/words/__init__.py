"""How files say things: text, XML, timecode labels, moments, names that cameras give, tags. Reads no file itself."""
