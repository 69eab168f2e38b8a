"""How a proxy is made: what of (material), as what (recipe), and how ffmpeg is told (pictures, soundtrack ...)."""
