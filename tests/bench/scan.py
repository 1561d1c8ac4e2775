#!/usr/bin/env python3
"""scan.py WORK MESSAGES DATABASE PROGRAMS ROUNDS SCAN-LOOP: one message set, scanned with the same
signatures and delivered into a Maildir by each contender in turn; a table of ratios.

WORK is a directory of ours, MESSAGES one with a file a message, PROGRAMS that of bivalve, SCAN-LOOP
the program of tests/lab/scan-loop.c. Started by root, bivalved runs as root and all else as nobody.

CPU counts everything that worked for a contender's messages: the process started for each, and what
all processes of its daemon, ended ones too, used from the first message to the last. So what a daemon
does ahead of need, or late, is counted. Wall time is that of one message, from start to end.
"""
import os, pwd, shutil, signal, socket, subprocess, sys, time

work, messages, database, programs, rounds, loop = sys.argv[1:7]
work = os.path.abspath(work)
ROOT = os.getuid() == 0
USER = pwd.getpwnam("nobody") if ROOT else pwd.getpwuid(os.getuid())
AS_USER = {"user": USER.pw_uid, "group": USER.pw_gid, "extra_groups": []} if ROOT else {}
TICK = os.sysconf("SC_CLK_TCK")
PROCMAIL = """SHELL=/bin/sh
PATH=/usr/bin:/bin
LOGFILE={box}/log
DEFAULT={box}/box/
{scan}:0
{box}/box/
"""
CLAMDSCAN = """VIRUS=`clamdscan --config-file={work}/clamd.conf --no-summary --stdout --fdpass -`
:0
* VIRUS ?? FOUND
{box}/bad/
"""
BIVALVE = """LOGFILE={box}/log
DEFAULT={box}/box/
ORGMAIL={box}/box/
:0
* scan:virus ?? .
{box}/bad/
:0
{box}/box/
"""
CONF = """database = {database}
temp_dir = {tmp}
scan_user = nobody
site_recipes = {site}
require_resident = yes
scan_wait = 600
scan_socket = {box}/run/scan
lmtp_socket = {box}/run/lmtp
status_socket = {box}/run/status
metrics_socket =
counts_socket =
{more}
"""


def own(path):
    if ROOT:
        os.chown(path, USER.pw_uid, USER.pw_gid)
    return path


def write(path, text):
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o600)
    return own(path)


def stat(pid):
    """-> parent, CPU seconds of the process and of its children that have ended"""
    with open("/proc/%d/stat" % pid) as f:
        words = f.read().rsplit(")", 1)[1].split()
    return int(words[1]), sum(int(w) for w in words[11:15]) / TICK


def tree_cpu(root):
    """CPU seconds of a process, of those below it, and of all of them that have ended"""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found[int(name)] = stat(int(name))
            except OSError:
                pass
    total = 0.0
    for pid in found:
        up = pid
        while up != root and up in found:
            up = found[up][0]
        if up == root:
            total += found[pid][1]
    return total


def memory(root, key):
    """MB: the proportional share of all processes below root"""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            pid = int(name)
            try:
                up = pid
                while up > 1 and up != root:
                    up = stat(up)[0]
                if up == root:
                    with open("/proc/%d/smaps_rollup" % pid) as f:
                        total += sum(int(l.split()[1]) for l in f if l.startswith(key))
            except OSError:
                pass
    return total / 1024


class Contender:
    daemon = None

    def __init__(self, name):
        self.name = name
        self.box = "%s/%s" % (work, name)
        for box in ("box", "bad"):
            for sub in ("cur", "new", "tmp"):
                os.makedirs("%s/%s/%s" % (self.box, box, sub))
                own("%s/%s/%s" % (self.box, box, sub))
            own("%s/%s" % (self.box, box))
        os.mkdir(own(self.box) + "/tmp")
        own(self.box + "/tmp")
        self.walls, self.own, self.spent = [], 0.0, 0.0

    def start(self):
        pass

    def once(self, path):
        fd = os.open(path, os.O_RDONLY)
        begun = time.perf_counter()
        pid = os.posix_spawn(self.argv[0], self.argv, {"PATH": "/usr/bin:/bin", "HOME": self.box,
            "LOGNAME": "bench"}, file_actions=[(os.POSIX_SPAWN_DUP2, fd, 0)])
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - begun
        os.close(fd)
        if status:
            sys.exit("%s: %s: status %d" % (self.name, path, status))
        return wall, usage.ru_utime + usage.ru_stime

    def deliver(self, path):
        wall, cpu = self.once(path)
        self.walls.append((os.path.getsize(path), wall))
        self.own += cpu

    def stop(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait()


class Procmail(Contender):
    def __init__(self, name, scan=""):
        super().__init__(name)
        scan = scan.format(box=self.box, work=work)
        self.argv = [shutil.which("procmail"), write(self.box + "/rc",
            PROCMAIL.format(box=self.box, scan=scan))]


class Clamdscan(Procmail):
    def __init__(self, name):
        super().__init__(name, CLAMDSCAN)

    def start(self):
        write(work + "/clamd.conf", "LocalSocket {0}/clamd.sock\nDatabaseDirectory {1}\n"
            "TemporaryDirectory {0}/tmp\nLogFile {0}/log\nSelfCheck 0\nForeground yes\n"
            "DisableCache yes\nMaxThreads 4\n".format(self.box, database))
        self.daemon = subprocess.Popen(["clamd", "-c", work + "/clamd.conf"],
            stdout=subprocess.DEVNULL, **AS_USER)
        while not os.path.exists(self.box + "/clamd.sock"):
            if self.daemon.poll() is not None:
                sys.exit("clamd does not start")
            time.sleep(0.1)


class Bivalve(Contender):
    def __init__(self, name, more=""):
        super().__init__(name)
        self.conf = write(self.box + "/conf",
            CONF.format(box=self.box, database=database, tmp=self.box + "/tmp", more=more,
                        site=self.site()))
        self.argv = [programs + "/bivalve", "--config", self.conf, write(self.box + "/rc",
            BIVALVE.format(box=self.box))]

    def site(self):
        return ""

    def start(self):
        self.daemon = subprocess.Popen([programs + "/bivalved", "-c", self.conf],
            stderr=open(self.box + "/bivalved.log", "w"))
        while '"serving":true' not in subprocess.run([programs + "/bivalvectl", "status",
                "--config", self.conf, "--json"], capture_output=True, text=True).stdout:
            if self.daemon.poll() is not None:
                sys.exit("bivalved does not start: " + open(self.box + "/bivalved.log").read())
            time.sleep(0.1)


class Lmtp(Bivalve):
    """One connection for all messages, as MTAs keep it in a queue run. What the peer itself needs is
    not counted, as an MTA's part is not for the programs it would start."""
    def site(self):
        rc = write(self.box + "/site", "MAILDIR={box}\n".format(box=self.box) +
            BIVALVE.format(box=self.box))
        os.chown(rc, os.getuid(), -1)
        os.chmod(rc, 0o644)
        return rc

    def start(self):
        super().start()
        self.peer = socket.socket(socket.AF_UNIX)
        self.peer.connect(self.box + "/run/lmtp")
        self.replies = self.peer.makefile("rb")
        self.say(b"")
        self.say(b"LHLO localhost\r\n")

    def say(self, said):
        self.peer.sendall(said)
        while (reply := self.replies.readline())[3:4] == b"-":
            pass
        if reply[:1] not in b"23" or not reply:
            sys.exit("%s: %s" % (self.name, reply.decode()))

    def once(self, path):
        with open(path, "rb") as f:
            text = f.read().replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
        text = (b"\n" + text).replace(b"\n.", b"\n..")[1:].replace(b"\n", b"\r\n")
        begun = time.perf_counter()
        self.say(b"MAIL FROM:<a@example.org>\r\n")
        self.say(b"RCPT TO:<%s>\r\n" % USER.pw_name.encode())
        self.say(b"DATA\r\n")
        self.say(text + b".\r\n")
        return time.perf_counter() - begun, 0.0


class Loop(Contender):
    def start(self):
        self.daemon = subprocess.Popen([loop, database, self.box + "/tmp", "nocache"] +
            self.name.split("+")[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            **AS_USER)
        self.daemon.stdout.readline()

    def once(self, path):
        begun = time.perf_counter()
        self.daemon.stdin.write(path + "\n")
        self.daemon.stdin.flush()
        self.daemon.stdout.readline()
        return time.perf_counter() - begun, 0.0


def median(contender, low, high):
    walls = sorted(w for size, w in contender.walls if low <= size < high)
    return walls[len(walls) // 2] * 1e3 if walls else float("nan")


def table(contenders, base):
    sizes = ((0, 8192), (8192, 65536), (65536, 300000), (300000, 1 << 40))
    print("%-28s %8s %6s %7s |  median wall ms, and ratio:  < 8 KB       8-64 KB      64-300 KB"
        "       > 300 KB" % ("contender", "CPU ms", "ratio", "PSS MB"))
    cpu = lambda c: (c.own + c.spent) / len(c.walls) * 1e3
    for c in contenders:
        print("%-28s %8.2f %6.2f %7.0f |%24s" % (c.name, cpu(c), cpu(c) / cpu(base), c.pss, "") +
            " ".join("%7.1f %5.2f" % (median(c, *s), median(c, *s) / median(base, *s))
                for s in sizes), flush=True)


def main():
    base = Clamdscan("procmail+clamdscan")
    contenders = [Procmail("procmail"), base,
        Bivalve("bivalve"), Bivalve("bivalve-reused", "messages_per_scanner = 50"),
        Lmtp("bivalve-lmtp"), Lmtp("bivalve-lmtp-reused", "messages_per_scanner = 50"),
        Loop("libclamav"), Loop("libclamav+thp+mallopt")]
    files = sorted(os.path.join(messages, f) for f in os.listdir(messages))
    try:
        for c in contenders:
            c.start()
        if ROOT:  # root's saved user id is what ends the daemons
            os.setgroups([])
            os.setresgid(USER.pw_gid, USER.pw_gid, USER.pw_gid)
            os.setresuid(USER.pw_uid, USER.pw_uid, 0)
        for path in files[:4]:  # all is in memory then
            for c in contenders:
                c.once(path)
        time.sleep(2)
        before = {c: tree_cpu(c.daemon.pid) if c.daemon else 0.0 for c in contenders}
        for round in range(int(rounds)):
            for i, path in enumerate(files):
                k = (i + round) % len(contenders)
                for c in contenders[k:] + contenders[:k]:
                    c.deliver(path)
                    time.sleep(0.01)  # what a daemon does behind a reply delays no other
        time.sleep(2)
        if ROOT:
            os.seteuid(0)
        for c in contenders:
            c.spent = (tree_cpu(c.daemon.pid) if c.daemon else 0.0) - before[c]
            c.pss = memory(c.daemon.pid, "Pss:") if c.daemon else 0
        table(contenders, base)
    finally:
        if ROOT:
            os.seteuid(0)
        for c in contenders:
            c.stop()


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
main()
