#!/usr/bin/env python3
"""killedmta.t: an MTA is killed in the middle of a message. The kernel closes its end of the pipe
before it tells anybody that the process has ended; what was read until then is no message.
"""
import ctypes, mmap, os, pwd, shutil, signal, subprocess, tempfile, time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
B = os.environ.get("B", TOP + "/build/cc")
MEMORY = 1 << 28    # bytes that the kernel gives back between the kill and the parent's end
TRIES = 2
MAP_POPULATE = 0x8000


def early(argv, read_end, ready, leads=False):
    """The same, and it ends before its child has become the delivery."""
    os.setsid()
    mta = os.getpid()
    if os.fork() == 0:
        if leads:
            os.setsid()
        os.write(ready, f"{os.getpid()}\n".encode())
        while os.getppid() == mta:
            time.sleep(0.01)
        os.dup2(read_end, 0)
        os.execve(argv[0], argv, {"PATH": "/usr/bin:/bin"})
    os.wait()


def early_leader(argv, read_end, ready):
    """As sendmail does it: the mailer leads a session."""
    early(argv, read_end, ready, True)


def mta(argv, read_end, ready):
    """The parent of the delivery: large, so that it takes a while to die."""
    space = mmap.mmap(-1, MEMORY, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_POPULATE)
    child = subprocess.Popen(argv, stdin=read_end, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"})
    os.write(ready, b"x")
    child.wait()
    space.close()


def delivered(work, uid, extra, kill, parent=mta):
    """What is in the mailbox after half a message, a kill, and the end of input."""
    box = work + "/box"
    if os.path.exists(box):
        os.unlink(box)
    # Whoever loses his parent becomes ours, or init's.
    ctypes.CDLL(None).prctl(36, parent is not early_leader, 0, 0, 0)
    message, write_end = os.pipe()
    ready, ready_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if uid:
                os.setgroups([])
                os.setuid(uid)
            os.close(write_end)
            parent([B + "/bivalve", "--config", work + "/conf", *extra], message, ready_w)
        finally:
            os._exit(1)
    os.close(message)
    child = os.read(ready, 20)
    os.write(write_end, b"Subject: half\n\n" + b"a line\n" * 100)
    if kill:
        os.kill(pid, signal.SIGKILL)
    os.close(write_end)
    os.close(ready)
    os.close(ready_w)
    try:
        while True:     # the MTA, the delivery, its keeper
            os.wait()
    except ChildProcessError:
        pass
    while parent is early_leader and os.path.exists(f"/proc/{int(child)}"):
        time.sleep(0.01)    # init's
    if not os.path.exists(box):
        return b""
    with open(box, "rb") as f:
        return f.read()


def main():
    if not os.access(B + "/bivalve", os.X_OK):
        print("1..0 # SKIP bivalve is not built")
        return
    if os.environ.get("SAN"):
        print("1..0 # SKIP a large process takes long to start then")
        return
    work = tempfile.mkdtemp(prefix="bivalve-test.")
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chmod(work, 0o755)
    if os.geteuid() == 0:
        os.chown(work, user.pw_uid, user.pw_gid)
    with open(work + "/rc", "w") as f:
        f.write(f"DEFAULT={work}/box\nORGMAIL={work}/box\nLOGABSTRACT=no\n")
    with open(work + "/conf", "w") as f:
        f.write(f"site_recipes = {work}/rc\nscan_socket =\n")
    os.chmod(work + "/conf", 0o644)
    os.chmod(work + "/rc", 0o644)
    kinds = [("its own user's", user.pw_uid if os.geteuid() == 0 else 0, [])]
    if os.geteuid() == 0:
        kinds.append(("started by root", 0, ["-d", user.pw_name]))
        kinds.append(("several recipients", 0, ["-d", user.pw_name, "bin"]))
    try:
        for n, (name, uid, extra) in enumerate(kinds):
            whole = delivered(work, uid, extra, False)
            print(f"{'' if whole else 'not '}ok {4 * n + 1} - {name}: with its MTA alive it is delivered")
            torn = [b for b in (delivered(work, uid, extra, True) for _ in range(TRIES)) if b]
            print(f"{'not ' if torn else ''}ok {4 * n + 2} - {name}: half of one is not")
            if torn:
                print(f"# {len(torn)} of {TRIES} were")
            torn = delivered(work, uid, extra, True, early)
            print(f"{'not ' if torn else ''}ok {4 * n + 3} - {name}: nor if the MTA was gone at once")
            torn = delivered(work, uid, extra, True, early_leader)
            print(f"{'not ' if torn else ''}ok {4 * n + 4} - {name}: nor in a session of its own")
    finally:
        shutil.rmtree(work)
    print(f"1..{4 * len(kinds)}")


main()
