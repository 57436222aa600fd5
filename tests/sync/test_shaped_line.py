"""The line of the measurements is as slow as it says, and lets every byte through in order."""

from __future__ import annotations

import random
import socket
import threading
import time

from benchmarks._shaped_line import Shape, ShapedLine

SHAPE = Shape("test", 400_000, 800_000, 0.1)


def test_rate_and_delay_of_both_directions() -> None:
    sent = random.Random(1).randbytes(20_000)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def echo() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(connection.recv(len(sent), socket.MSG_WAITALL))

        echoing = threading.Thread(target=echo)
        echoing.start()
        with ShapedLine(f"http://127.0.0.1:{listener.getsockname()[1]}", SHAPE) as line:
            host, _, port = line.url.removeprefix("http://").partition(":")
            started = time.monotonic()
            with socket.create_connection((host, int(port))) as connection:
                connection.sendall(sent)
                back = connection.recv(len(sent), socket.MSG_WAITALL)
            took = time.monotonic() - started
        echoing.join()
    assert back == sent
    # handshake and one round trip, the bytes up at their rate, the bytes down at theirs
    assert took >= 0.1 + 0.1 + 20_000 * 8 / 400_000 + 20_000 * 8 / 800_000
    assert line.passed == {"up": len(sent), "down": len(sent)}
