"""What systemd does for a service with a socket, in a few lines: holds the socket, starts the service when somebody calls, and again when it
has ended and somebody calls again. Prints the socket's port, what the service tells (sd_notify), and when it has ended.

    python3 service_manager.py HOST NOTIFY_SOCKET COMMAND...
"""

import os
import select
import socket
import sys
import threading

host, notify_path, *command = sys.argv[1:]
listener = socket.socket()
listener.bind((host, 0))
listener.listen(16)
notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notices.bind(notify_path)
print("port", listener.getsockname()[1], flush=True)


def print_notices():
    while True:
        message, descriptors, _, _ = socket.recv_fds(notices, 4096, 4)
        # A barrier: the sender waits until this is closed.
        for descriptor in descriptors:
            os.close(descriptor)
        if not descriptors:
            print("told", message.decode().strip(), flush=True)


threading.Thread(target=print_notices, daemon=True).start()
while True:
    select.select([listener], [], [])
    pid = os.fork()
    if pid == 0:
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(
            LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="api", NOTIFY_SOCKET=notify_path
        )
        os.execvp(command[0], command)
    _, status = os.waitpid(pid, 0)
    print("ended", os.waitstatus_to_exitcode(status), flush=True)
