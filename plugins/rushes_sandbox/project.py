"""What a paired device sees: one project, one user, one channel (reference, sections 5, 8 and 9)."""

from __future__ import annotations

import uuid
from typing import Any

from rushes_sandbox.assets import Asset
from rushes_sandbox.book import iso
from rushes_sandbox.devices import Grant

PROJECT_NAME = "Sandbox Project"
USER_NAME = "Sandy Box"


def _fixed(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"rushes-sandbox:{name}"))


_PROJECT, _USER, _ACCOUNT, _TEAM, _FOLDER = map(_fixed, ["project", "user", "account", "team", "folder"])


def identity(grant: Grant, version: str, now: float) -> dict[str, Any]:
    """Return what `GET /v2/devices/me` answers."""
    device, born = grant.device, iso(grant.device.inserted_at)
    user = {"_type": "user", "id": _USER, "name": USER_NAME}
    scopes = {scope: scope in grant.scopes for scope in ("asset_create", "device_connect", "offline")}
    channel = {
        "_type": "project_device_channel",
        "id": device.channel_id,
        "name": device.name,
        "asset_type": "video",
        "device_id": device.device_id,
        "external_index": 0,
        "project_device_id": device.id,
        "project_id": _PROJECT,
        "real_time_logging_capable": False,
        "status": "online",
        "inserted_at": born,
        "updated_at": born,
    }
    return {
        "_type": "project_device",
        "id": device.id,
        "device_id": device.device_id,
        "name": device.name,
        "asset_type": "video",
        "status": "online",
        "project": {"_type": "project", "id": _PROJECT, "name": PROJECT_NAME},
        "project_id": _PROJECT,
        "authorization": {
            "_type": "project_device_authorization",
            "id": device.authorization_id,
            "creator": user,
            "creator_id": _USER,
            "expires_at": None,
            "inserted_at": born,
            "project_device_id": device.id,
            "scopes": {**scopes, "id": _fixed(f"scopes:{grant.id}")},
        },
        "channels": [channel],
        "channel_count": 1,
        "required_metadata_attributes": [],
        "timezone": "Etc/UTC",
        "last_known_firmware_version": version,
        "last_seen_at": iso(now),
        "creator_id": _USER,
        "inserted_at": born,
        "updated_at": born,
        "deleted_at": None,
    }


def account(grant: Grant, asset: Asset) -> dict[str, Any]:
    """Return the fields of a fresh asset that say whose it is and what has not happened to it yet."""
    return {
        "project_id": _PROJECT,
        "parent_id": _FOLDER,
        "account_id": _ACCOUNT,
        "team_id": _TEAM,
        "creator_id": _USER,
        "device_id": grant.device.device_id,
        "label": "none",
        "original_upload": None,
        "inserted_at": iso(asset.created_at),
        "uploaded_at": None,
        "upload_completed_at": None,
        "upload_failed_at": None,
        "realtime_upload": None,
        "checksums": None,
    }
