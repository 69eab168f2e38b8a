"""Being reachable and seen: the websocket, health, the network of this machine."""
