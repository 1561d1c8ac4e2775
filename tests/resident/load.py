"""load.py SOCKET USER [-s STOP] [-n NUMBER] [-c CONNECTIONS] [-k MESSAGES] [SUBJECT...]: mail over LMTP.

Sends messages to USER, MESSAGES on each connection, CONNECTIONS at the same time: NUMBER of them,
or until the file STOP is there.  Every fifth has a test virus in it.  Without -n and -s one message
for each SUBJECT.  A connection that is refused, or cut, is counted and tried again.  Prints what
came of all, as "250=12 refused=0".
"""
import argparse
import collections
import itertools
import os
import socket
import threading

VIRUS = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

parser = argparse.ArgumentParser()
parser.add_argument("socket")
parser.add_argument("user")
parser.add_argument("-s", dest="stop")
parser.add_argument("-n", dest="number", type=int)
parser.add_argument("-c", dest="connections", type=int, default=4)
parser.add_argument("-k", dest="messages", type=int, default=2)
parser.add_argument("subjects", nargs="*")
args = parser.parse_args()
count = collections.Counter()
lock = threading.Lock()
numbers = itertools.count(1)


def note(what):
    with lock:
        count[what] += 1


def next_subject():
    """The subject of the message that is to be sent now; None when there are enough."""
    with lock:
        n = next(numbers)
    if args.subjects:
        return args.subjects[n - 1] if n <= len(args.subjects) else None
    if (args.number and n > args.number) or (args.stop and os.path.exists(args.stop)):
        return None
    return "number %d%s" % (n, " infected" if n % 5 == 0 else "")


class Peer:
    def __init__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        self.socket.connect(args.socket)
        self.file = self.socket.makefile("rwb")
        self.read("220")
        self.say("LHLO load", "250")

    def read(self, want=""):
        while True:
            line = self.file.readline().decode()
            if not line:
                raise ConnectionError("closed")
            if line[3:4] == " ":
                if not line.startswith(want):
                    raise ConnectionError(line)
                return line[:3]

    def say(self, text, want=""):
        self.file.write(text.encode() + b"\r\n")
        self.file.flush()
        return self.read(want)

    def send(self, subject):
        self.say("MAIL FROM:<a@example.org>", "250")
        self.say("RCPT TO:<%s>" % args.user, "250")
        self.say("DATA", "354")
        body = VIRUS if "infected" in subject else "hello"
        return self.say("Subject: %s\r\n\r\n%s\r\n." % (subject, body))

    def close(self):
        self.socket.close()


def work():
    subject = next_subject()
    while subject:
        try:
            peer = Peer()
        except OSError:
            note("refused")
            continue
        try:
            for _ in range(args.messages):
                if not subject:
                    break
                note(peer.send(subject))
                subject = next_subject()
        except OSError:
            note("cut")
        peer.close()


if args.subjects:
    args.connections = 1
threads = [threading.Thread(target=work) for _ in range(args.connections)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(" ".join("%s=%d" % (k, count[k]) for k in sorted(count)))
