"""The webhook keeps the contract of observers: the kit, with a receiver over TLS."""

import rushes_webhook
from rushes.testing import check_observer
from rushes_sandbox.authority import open_authority
from webhook_rig import SECRET, receiving


async def test_the_contract(tmp_path):
    authority = open_authority(tmp_path / "tls")
    [spec] = rushes_webhook.rushes_observers()
    with receiving(authority.server_context()) as receiver:
        await check_observer(
            spec,
            {"url": receiver.url, "secret": SECRET, "events": ["*"], "ca_file": authority.ca_file},
            folder=tmp_path,
            told=receiver.seqs,
            secrets=[SECRET],
        )
        assert {post.headers["host"] for post in receiver.posts} == {receiver.url.split("/")[2]}
