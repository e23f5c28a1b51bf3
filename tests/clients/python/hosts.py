"""Leads Microsoft's own names to the emulator, as a hosts file would that also
knew of ports.

The clients keep their addresses, `https://graph.microsoft.com` and so on, and go
on checking certificates: what they ask for in the handshake, and what they compare
the certificate with, is that name. Below them, in the sockets of this process, the
name means this machine, and its port 443 the emulator's. Any other name is one that
nobody knows, so that nothing leaves this machine unnoticed.
"""

import contextlib
import socket
from urllib.parse import urlsplit

import scene

# What the tests call by Microsoft's names: worldwide, and the cloud of the US
# Government.
NAMES = ["login.microsoftonline.com", "graph.microsoft.com", "login.microsoftonline.us", "graph.microsoft.us"]

HERE = "127.0.0.1"
HTTPS = 443


@contextlib.contextmanager
def of_microsoft_lead_here():
    """While this lasts, the names lead to the emulator; answers the list of those
    that were asked for."""
    port = urlsplit(scene.MICROSOFT).port
    resolve, connect = socket.getaddrinfo, socket.socket.connect
    asked = []

    def to_this_machine(host, *others, **options):
        name = host.decode() if isinstance(host, bytes) else host
        if name in NAMES:
            asked.append(name)
            return resolve(HERE, *others, **options)
        if name in (HERE, "localhost"):
            return resolve(host, *others, **options)
        raise socket.gaierror(socket.EAI_NONAME, f"{name} leads nowhere in these tests")

    def to_its_port(self, address):
        return connect(self, (HERE, port) if address[:2] == (HERE, HTTPS) else address)

    socket.getaddrinfo, socket.socket.connect = to_this_machine, to_its_port
    try:
        yield asked
    finally:
        socket.getaddrinfo, socket.socket.connect = resolve, connect
