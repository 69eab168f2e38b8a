import hashlib
import ssl
from contextlib import asynccontextmanager

import httpx
import pytest

from rushes_sandbox import Settings, open_sandbox

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
VERSION = {"x-client-version": "1.2.3"}


class Clock:
    """A wall clock that a test moves."""

    def __init__(self):
        self.now = 1_700_000_000.0

    def __call__(self):
        return self.now


class Camera:
    """A well-behaved C2C client, written from the reference, over real TLS."""

    def __init__(self, http, secret="sandbox-secret"):
        self.http = http
        self.secret = secret
        self.client_id = "serial-0001"
        self.tokens = {}

    async def auth(self, path, fields, headers=VERSION, **more):
        form = {"client_id": self.client_id, "client_secret": self.secret, **fields}
        files = {name: (None, value) for name, value in form.items() if value is not None}
        return await self.http.post(f"/v2/auth/{path}", files=files, headers=headers, **more)

    async def code(self, scope="asset_create offline"):
        answer = await self.auth("device/code", {"scope": scope})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def poll(self, device_code):
        return await self.auth("token", {"grant_type": DEVICE_CODE, "device_code": device_code})

    async def refresh(self, token=None):
        token = token or self.tokens["refresh_token"]
        return await self.auth("token", {"grant_type": "refresh_token", "refresh_token": token})

    async def pair(self, scope="asset_create offline"):
        code = await self.code(scope)
        confirmed = await self.http.post("/_sandbox/confirm", json={"user_code": code["user_code"]})
        assert confirmed.status_code == 200, confirmed.text
        answer = await self.poll(code["device_code"])
        assert answer.status_code == 200, answer.text
        self.tokens = answer.json()
        assert (await self.me()).status_code == 200

    @property
    def headers(self):
        return {**VERSION, "authorization": f"Bearer {self.tokens.get('access_token', 'none')}"}

    async def me(self):
        return await self.http.get("/v2/devices/me", headers=self.headers)

    async def create(self, filesize, name="A001.mov", filetype="video/quicktime", **more):
        body = {"name": name, "filetype": filetype, "filesize": filesize, **more}
        return await self.http.post("/v2/devices/assets", json=body, headers=self.headers)

    async def asset(self, body, **more):
        answer = await self.create(len(body), **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def grow(self, **fields):
        body = {"filetype": "video/quicktime", "is_realtime_upload": True, **fields}
        return await self.http.post("/v2/devices/assets", json=body, headers=self.headers)

    async def ask(self, asset, *parts, **fields):
        """Ask for parts, each (number, size) or, when it is the final one, (number, size, True)."""
        wanted = [dict(zip(("number", "size", "is_final"), part, strict=False)) for part in parts]
        url = f"/v2/devices/assets/{asset['id']}/realtime_upload/parts"
        return await self.http.post(url, json={"parts": wanted, **fields}, headers=self.headers)

    async def post(self, path, **fields):
        return await self.http.post(path, json=fields or None, headers=self.headers)

    async def put(self, url, piece, filetype="video/quicktime", **headers):
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"content-type": filetype, "x-amz-acl": "private", **extra}
        return await self.http.put(
            url, content=piece, headers={k: v for k, v in sent.items() if v is not None}
        )

    async def upload(self, body, **more):
        asset = await self.asset(body, **more)
        for url, piece in zip(asset["upload_urls"], pieces(body, len(asset["upload_urls"])), strict=True):
            answer = await self.put(url, piece)
            assert answer.status_code == 200, answer.text
            assert answer.headers["etag"] == f'"{hashlib.md5(piece).hexdigest()}"'
        return asset


def pieces(body, count):
    size = -(-len(body) // count)
    return [body[size * i : size * (i + 1)] for i in range(count)]


@asynccontextmanager
async def open_camera(url, ca_file):
    context = ssl.create_default_context(cafile=str(ca_file))
    async with httpx.AsyncClient(base_url=url, verify=context, trust_env=False, timeout=10) as http:
        yield Camera(http)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def sandbox(tmp_path, clock):
    settings = Settings(part_size=100_000, interval=0, clock=clock)
    async with open_sandbox(tmp_path / "state", settings=settings) as sandbox:
        yield sandbox


@pytest.fixture
async def camera(sandbox):
    async with open_camera(sandbox.url, sandbox.ca_file) as camera:
        yield camera


@pytest.fixture
def cut():
    return pieces


@pytest.fixture
def connect():
    return open_camera
