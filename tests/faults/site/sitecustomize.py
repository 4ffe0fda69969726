"""Loaded by the dashboard that is under test: names that no server on loopback could have, and a leak for control runs.

`FAULT_NAMES` is a file with a line for each name: `<name> <addresses>`, where `unknown`, `later` and `slow` stand for
what a resolver can do instead. It is read each time, so that a name can heal.
"""

import http.client
import os
import socket
import time

SLOW_SECONDS = 20
_ordinary = socket.getaddrinfo


def _getaddrinfo(host, port, *args, **kwargs):
    with open(os.environ["FAULT_NAMES"]) as file:
        names = dict(line.split(" ", 1) for line in file.read().splitlines())
    match names.get(host, "").split():
        case []:
            return _ordinary(host, port, *args, **kwargs)
        case ["unknown"]:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        case ["later"]:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        case ["slow"]:
            time.sleep(SLOW_SECONDS)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        case addresses:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]


if "FAULT_NAMES" in os.environ:
    socket.getaddrinfo = _getaddrinfo
if "FAULT_LEAK" in os.environ:
    http.client.HTTPConnection.debuglevel = 1
