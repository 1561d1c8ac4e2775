#!/usr/bin/env python3
"""inetd.py PORT PROGRAM...: what inetd does for "stream tcp nowait root": each connection to PORT of
127.0.0.1 becomes standard input and output of one PROGRAM."""
import socket, subprocess, sys

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(50)
children = []
while True:
    peer, _ = listener.accept()
    children = [c for c in children if c.poll() is None]
    children.append(subprocess.Popen(sys.argv[2:], stdin=peer, stdout=peer))
    peer.close()
