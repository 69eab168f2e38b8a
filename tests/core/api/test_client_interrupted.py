"""Whoever waits for an answer without an end hears Ctrl-C at any moment."""

from __future__ import annotations

import _thread
import socket
import threading

import pytest

from rushes.api.client import Client


@pytest.mark.timeout(20)
def test_ctrl_c_is_heard_where_it_comes_just_before_the_kernel_waits(isolated):
    """`interrupt_main` is such a signal: Python knows of it, and no system call was interrupted."""
    address = isolated / "socket"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(address))
        silent.listen()
        press = threading.Timer(0.3, _thread.interrupt_main)
        press.start()
        with pytest.raises(KeyboardInterrupt):
            Client(address).act("cloud", "pair", {}, lambda _facts: None)
        press.join()
