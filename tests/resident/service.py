"""service.py LMTP SCAN COMMAND...: starts bivalved as systemd does, and looks at what it says.

Holds the sockets LMTP and SCAN, hands them over, listens on NOTIFY_SOCKET, wants signs of life.
Prints one line for each thing seen, in TAP's words without numbers.
"""
import os
import select
import signal
import socket
import sys
import tempfile
import time

PATIENCE = 60  # seconds, for a loaded machine


def listener(path, mode):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.chmod(path, mode)
    s.listen(16)
    return s


def say(good, text):
    print("%s - %s" % ("ok" if good else "not ok", text), flush=True)


def start(command, notify, sockets):
    pid = os.fork()
    if pid:
        return pid
    high = [os.dup2(s.fileno(), 50 + i) for i, s in enumerate(sockets)]
    for i, fd in enumerate(high):
        os.dup2(fd, 3 + i)
    os.closerange(3 + len(high), 100)
    env = dict(os.environ, NOTIFY_SOCKET=notify, LISTEN_PID=str(os.getpid()),
               LISTEN_FDS=str(len(high)), LISTEN_FDNAMES="lmtp:scan",
               WATCHDOG_PID=str(os.getpid()), WATCHDOG_USEC="400000")
    os.execve(command[0], command, env)


class Ear:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.heard = []

    def hears(self, word):
        """Until word was said, from now on."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            ready, _, _ = select.select([self.socket], [], [], 0.5)
            if ready:
                lines = self.socket.recv(4096).decode().split("\n")
                self.heard += lines
                if any(line.startswith(word) for line in lines):
                    return True
        return False


def greeted(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(PATIENCE)
    s.connect(path)
    return s.recv(200).startswith(b"220")


def main():
    lmtp, scan = sys.argv[1:3]
    sockets = [listener(lmtp, 0o600), listener(scan, 0o666)]
    notify = tempfile.mkdtemp() + "/notify"
    ear = Ear(notify)
    early = socket.socket(socket.AF_UNIX)
    early.connect(lmtp)  # before the service is there: nobody is refused
    pid = start(sys.argv[3:], notify, sockets)
    say(ear.hears("READY=1"), "it says that it is ready")
    say("MAINPID=%d" % pid in ear.heard, "and its number")
    early.settimeout(PATIENCE)
    say(early.recv(200).startswith(b"220"), "who connected before it was there is served")
    say(greeted(lmtp), "so is who connects now")
    say(ear.hears("WATCHDOG=1") and ear.hears("WATCHDOG=1"), "it gives signs of life")
    say(ear.hears("STATUS="), "and tells how it is")
    os.kill(pid, signal.SIGHUP)
    say(ear.hears("RELOADING=1"), "SIGHUP: it says that it reloads")
    say(ear.hears("READY=1"), "and when it has")
    say(ear.hears("WATCHDOG=1"), "it goes on to give signs of life")
    say(greeted(lmtp), "and to serve")
    os.kill(pid, signal.SIGTERM)
    say(ear.hears("STOPPING=1"), "SIGTERM: it says that it ends")
    say(os.waitpid(pid, 0)[1] == 0, "and does")
    say(os.path.exists(lmtp) and os.path.exists(scan), "the sockets stay whose they are")


main()
