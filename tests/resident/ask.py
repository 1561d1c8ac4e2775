"""ask.py SOCKET COMMAND...: a client of the resident scanner that misbehaves.

silent N        N connections that say nothing, held until standard input ends
idle N          N connections that hand a message over and ask nothing, held likewise
scan FILE       an honest question; prints the verdict's status, or "busy", or "gone"
"""
import array
import os
import socket
import struct
import sys

STATUS = ["none", "clean", "infected", "unscannable", "error"]


def connect(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(path)
    return s


def hand_over(s, data):
    fd = os.memfd_create("message")
    os.write(fd, data)
    try:
        s.sendmsg([b"F"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
    except BrokenPipeError:
        pass  # refused already; the reason is there to read
    os.close(fd)


def scan(path, data):
    s = connect(path)
    hand_over(s, data)
    greeting = s.recv(1)
    if greeting != b"R":
        return "busy" if greeting == b"B" else "gone"
    s.send(b"S")
    status = "gone"
    while True:
        head = s.recv(5, socket.MSG_WAITALL)
        if len(head) < 5:
            return "gone"
        size = struct.unpack(">I", head[1:])[0]
        body = s.recv(size, socket.MSG_WAITALL) if size else b""
        if head[:1] == b"B":
            status = STATUS[body[0]]
        if head[:1] == b"E":
            return status


def main():
    path, command, argument = sys.argv[1:4]
    if command == "scan":
        with open(argument, "rb") as f:
            print(scan(path, f.read()))
        return
    held = [connect(path) for _ in range(int(argument))]
    if command == "idle":
        for s in held:
            hand_over(s, b"Subject: x\n\nx\n")
    print("held", flush=True)
    sys.stdin.read()


main()
