import socket
import threading
import urllib.parse

import pytest


@pytest.fixture
def unix_relay(tmp_path):
    """Makes a Unix socket that leads to one connection to a URL; returns its path."""
    threads = []

    def make(url):
        path = str(tmp_path / "agent.sock")
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(path)
        server.listen()

        def serve():
            near, _ = server.accept()
            far = socket.create_connection((urllib.parse.urlsplit(url).hostname, urllib.parse.urlsplit(url).port))
            far.sendall(near.recv(65_536))
            while data := far.recv(65_536):
                near.sendall(data)
            near.close()
            far.close()
            server.close()

        threads.append(threading.Thread(target=serve))
        threads[0].start()
        return path

    yield make
    for thread in threads:
        thread.join()
