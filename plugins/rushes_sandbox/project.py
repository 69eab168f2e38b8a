"""What a paired device is shown: itself, its project, its channels (reference, sections 5, 8 and 9)."""

from __future__ import annotations

from typing import Any

from rushes_sandbox.asset import Asset
from rushes_sandbox.book import iso
from rushes_sandbox.channels import Channel
from rushes_sandbox.devices import Grant, ProjectDevice
from rushes_sandbox.projects import USER_ID, fixed, user
from rushes_sandbox.store import Store

_TEAM, _FOLDER = fixed("team"), fixed("folder")


def identity(store: Store, grant: Grant, version: str) -> dict[str, Any]:
    """Return what `GET /v2/devices/me` answers: the status is the one before the call."""
    device, born = grant.device, iso(grant.device.inserted_at)
    scopes = {scope: scope in grant.scopes for scope in ("asset_create", "device_connect", "offline")}
    channels = channels_of(store, device)
    return {
        "_type": "project_device",
        "id": device.id,
        "device_id": device.device_id,
        "name": device.name,
        "asset_type": "video",
        "status": status(store, device),
        "project": store.devices.project(device).shown(),
        "project_id": device.project_id,
        "authorization": {
            "_type": "project_device_authorization",
            "id": device.authorization_id,
            "creator": user(),
            "creator_id": USER_ID,
            "expires_at": None if device.expires_at is None else iso(device.expires_at),
            "inserted_at": born,
            "project_device_id": device.id,
            "scopes": {**scopes, "id": fixed(f"scopes:{grant.id}")},
        },
        "channels": channels,
        "channel_count": len(channels),
        "required_metadata_attributes": [],
        "timezone": "Etc/UTC",
        "last_known_firmware_version": version,
        "last_seen_at": iso(store.settings.clock()),
        "creator_id": USER_ID,
        "inserted_at": born,
        "updated_at": born,
        "deleted_at": None,
    }


def status(store: Store, device: ProjectDevice) -> str:
    """One word of three, as people see it in the project: paused goes before online."""
    if store.pauses.paused(device):
        return "paused"
    return "offline" if store.devices.quiet(device) else "online"


def channels_of(store: Store, device: ProjectDevice) -> list[dict[str, Any]]:
    """Return every channel of a device, the primary one first."""
    born = iso(device.inserted_at)
    primary = {
        "_type": "project_device_channel",
        "actor_id": None,
        "asset_type": "video",
        "device_id": device.device_id,
        "external_index": 0,
        "id": device.channel_id,
        "inserted_at": born,
        "name": device.name,
        "project_device_id": device.id,
        "project_id": device.project_id,
        "real_time_logging_capable": False,
        "status": status(store, device),
        "updated_at": born,
    }
    return [
        primary,
        *(sub_channel(store, device, channel) for channel in store.channels.connected(device.id)),
    ]


def sub_channel(store: Store, device: ProjectDevice, channel: Channel) -> dict[str, Any]:
    """A sub-device as the API prints it; never online, for it has no network of its own (the guide's sample)."""
    index = store.channels.index(channel)
    return {
        "_type": "project_device_channel",
        "actor_id": None,
        "asset_type": "video",
        "device_id": channel.device_id,
        "external_index": index,
        "id": channel.id,
        "inserted_at": iso(channel.inserted_at),
        "name": channel.name,
        "project_device_id": device.id,
        "project_id": device.project_id,
        "real_time_logging_capable": False,
        "status": "paused" if store.pauses.paused(device, index) else "offline",
        "updated_at": iso(channel.updated_at),
    }


def account(grant: Grant, asset: Asset) -> dict[str, Any]:
    """Return the fields of a fresh asset that say whose it is and what has not happened to it yet."""
    return {
        "project_id": grant.device.project_id,
        "parent_id": _FOLDER,
        "account_id": grant.device.account_id,
        "team_id": _TEAM,
        "creator_id": USER_ID,
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
