"""How files are built: boxes, chunks, partitions and segments, whether they are whole, and what their indexes tell."""
