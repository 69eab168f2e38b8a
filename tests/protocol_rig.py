"""Two connections of the MasterLockit protocol that talk to each other without a socket."""

from __future__ import annotations

from rushes_masterlockit.protocol import NEED_DATA, Challenge, Connection, Hello, Role, Welcome, sign

KEY = b"LOCKIT-TEST-API-KEY-0001"
SECRET = b"not-a-real-secret"
NONCE = bytes(range(8))
DEVICE = 0x0102030405060708


def hello(nonce=NONCE, **changes):
    values = {
        "timestamp": 1325376000000,
        "device": DEVICE,
        "alias": "Töne",
        "versions": b"\x01",
        "key": KEY,
        "signature": sign(SECRET, KEY, nonce),
    }
    return Hello(**values | changes)


def drain(connection, data=None):
    """Every event that there is, after these bytes."""
    if data is not None:
        connection.receive_data(data)
    found = []
    while (event := connection.next_event()) is not NEED_DATA:
        found.append(event)
    return found


def ready(client_options=None, server_options=None):
    """Client and server whose handshake is over."""
    client = Connection(Role.CLIENT, **client_options or {})
    server = Connection(Role.SERVER, **server_options or {})
    assert drain(client, server.send(Challenge(NONCE))) == [Challenge(NONCE)]
    assert drain(server, client.send(hello())) == [hello()]
    assert drain(client, server.send(Welcome(1))) == [Welcome(1)]
    return client, server
