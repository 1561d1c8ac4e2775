#!/usr/bin/env python3
"""faults.t: file systems that are full, read-only or refuse changes, under each thing that a delivery
writes to. What can be delivered is, once and whole; all else stays with the MTA, and is delivered when
the fault is gone.
"""
import ctypes, importlib.machinery, importlib.util, os, re, shutil, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
loader = importlib.machinery.SourceFileLoader("matrix", HERE + "/matrix")
matrix = importlib.util.module_from_spec(importlib.util.spec_from_loader("matrix", loader))
sys.modules["matrix"] = matrix
os.environ.setdefault("B", os.path.dirname(os.path.dirname(HERE)) + "/build/cc")
loader.exec_module(matrix)

Kind = matrix.Kind
QUEUE = [f"TOKEN-{c}{c}{c}" for c in "ABCDEFGHIJ"]
# A folder that fails is passed over: what comes behind it is on the same file system.
ELSE = "DEFAULT=in/DEFAULT\nORGMAIL=in/ORGMAIL\n"
LOAD = ELSE + ":0:\nin/box\n"

# kind, what is faulty, its faults; small enough for some of the ten messages of 5 KB, or for none
CASES = [
    (Kind("mailbox", "", root=True), "var-mail", ["size=24k", "nr_inodes=1", "ro"]),
    (Kind("mbox", LOAD, root=True), "home/in", ["size=24k", "nr_inodes=1", "ro"]),
    (Kind("Maildir", ELSE + ":0\nin/md/\n", root=True), "home/in", ["size=40k", "nr_inodes=8", "ro"]),
    (Kind("MH", ELSE + ":0\nin/mh/.\n", root=True), "home/in", ["size=24k", "nr_inodes=5"]),
    (Kind("two directories", ELSE + ":0\nin/d1 in/d2/\n", setup=["in/d1"], root=True, copies=2), "home/in",
     ["size=24k"]),
    (Kind("filter", ":0 fw\n| cat\n\n" + LOAD, root=True), "home/in", ["size=24k"]),
    (Kind("copy", ELSE + ":0 c\nin/md/\n\n:0:\nin/box\n", root=True, copies=2), "home/in", ["size=48k"]),
    (Kind("quarantine", ":0\n@quarantine by policy\n", root=True), "state", ["size=24k", "nr_inodes=6", "ro"]),
    (Kind("spool_dir", LOAD, root=True, conf="spool_memory = 4\n"), "home/spool",
     ["size=4k", "nr_inodes=1", "ro"]),
    (Kind("spool_dir, LMTP", LOAD, root=True, lmtp=True, conf="spool_memory = 4\n"), "home/spool",
     ["size=4k", "nr_inodes=1"]),
    (Kind("mbox, LMTP", LOAD, root=True, lmtp=True), "home/in", ["size=24k", "nr_inodes=1", "ro"]),
    (Kind("temp_dir", matrix.SCAN, root=True, parts="scan"), "temp", ["nr_inodes=1", "ro"]),
    (Kind("temp_dir, @strip", ":0\n@strip\n\n:0:\nin/box\n", root=True, parts=True), "temp", ["nr_inodes=1"]),
    # Enough for the directories that bivalved makes ahead, none for what a scan writes.
    (Kind("temp_dir, bivalved", matrix.SCAN, root=True, parts="scan", lmtp=True, server=True,
          conf="scan_wait = 2\ntemp_memory = 0\n"), "temp", ["nr_inodes=4"]),
    (Kind("mailbox, bivalved", ":0\n@strip\n", root=True, parts=True, lmtp=True, server=True), "var-mail",
     ["size=8k"]),
]
OWNER = {"var-mail": 0}     # the others are the user's


class Mount:
    """A file system of its own at path, with what was there."""

    def __init__(self, bed, path, options, setup):
        self.path = f"{bed.work}/{path}"
        owner = OWNER.get(path, bed.uid)
        mode = "1777" if path == "var-mail" else "755"
        self.base = f"mode={mode},uid={owner}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", self.base, "tmpfs", self.path], check=True)
        for name in setup:
            bed.directory(f"{bed.home}/{name}")
        self.change(options)

    def change(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", self.path], check=True)

    def end(self):
        subprocess.run(["umount", "-l", self.path], check=True)


def settled(bed, kind, shapes):
    """({token: copies}, [torn], [left])"""
    found, left = bed.mail()
    # What a running bivalved keeps for its next scan is no rest.
    left = [p for p in left if not (bed.server and p.startswith("temp/"))]
    copies, torn = matrix.count(found, shapes, QUEUE)
    return copies, torn, left


def shapes_of(bed, kind):
    bed.fresh(kind)
    status = bed.deliver(kind, matrix.A, matrix.LIMIT)
    shapes = matrix.forms(bed, kind)
    bed.stop()
    return shapes if status == 0 else None


def tried(bed, kind, shapes, fault, heal):
    """[what is wrong]"""
    wrong = []
    statuses = {t: bed.deliver(kind, t, matrix.LIMIT) for t in QUEUE}
    done = [t for t, s in statuses.items() if s == 0]
    if any(s not in (0, 75) for s in statuses.values()):
        wrong.append(f"statuses {statuses}")
    if len(done) == len(QUEUE):
        wrong.append("the fault was none")
    copies, torn, _ = settled(bed, kind, shapes)
    # A further copy that cannot be had is told in the log, as in procmail.
    wrong += [f"{t}: {copies[t]} copies, status {statuses[t]}" for t in QUEUE
              if (copies[t] not in range(1, kind.copies + 1) if t in done else
                  copies[t] >= kind.copies)]
    wrong += [f"torn: {t}" for t in torn]
    heal()
    for t in QUEUE:
        if t not in done and bed.deliver(kind, t, matrix.LIMIT) != 0:
            wrong.append(f"{t}: not delivered when the fault was gone")
    bed.stop()
    copies, torn, left = settled(bed, kind, shapes)
    wrong += [f"{t}: {copies[t]} copies in the end" for t in QUEUE
              if copies[t] < 1 or kind.copies == 1 and copies[t] > 1]
    wrong += [f"torn in the end: {t}" for t in torn] + [f"left: {p}" for p in left]
    return wrong


count = 0


def result(wrong, name, bed=None):
    global count
    count += 1
    print(f"{'not ' if wrong else ''}ok {count} - {name}", flush=True)
    for w in wrong:
        print(f"# {w}")
    if wrong and bed:
        with open(bed.work + "/said", errors="replace") as f:
            print("".join("# " + line for line in f.readlines()[-15:]))


def small(bed):
    for kind, path, faults in CASES:
        shapes = shapes_of(bed, kind)
        if shapes is None:
            result(["no fault, and not delivered"], kind.name, bed)
            continue
        for fault in faults:
            bed.fresh(kind)
            mount = Mount(bed, path, fault, kind.setup)
            if kind.server:
                bed.start({})
            heal = {"ro": "rw"}.get(fault, re.sub("=.*", "=10m" if "size" in fault else "=0", fault))
            result(tried(bed, kind, shapes, fault, lambda: mount.change(heal)),
                   f"{kind.name}: {fault}", bed)
            mount.end()


def immutable(bed):
    """As an administrator, a backup or an attacker leaves it."""
    box, folder = (f"DEFAULT={d}\nORGMAIL={d}\n:0:\n{d}\n" for d in ("in/box", "in/md/"))
    for kind, path, flag in [
            (Kind("mbox", box, old=True, root=True), "home/in/box", "i"),
            (Kind("mailbox", "", old=True, root=True), f"var-mail/{bed.user}", "i"),
            (Kind("Maildir", folder, old=True, root=True), "home/in/md/new", "i"),
            (Kind("Maildir's folder", folder, root=True), "home/in", "i"),
            (Kind("quarantine", ":0\n@quarantine x\n", old=True, root=True), "state/quarantine", "i"),
            (Kind("mbox, append only", box, old=True, root=True), "home/in/box", "a")]:
        name = f"{kind.name}: chattr +{flag}"
        shapes = shapes_of(bed, kind)
        bed.fresh(kind)
        path = f"{bed.work}/{path}"
        if subprocess.run(["chattr", "+" + flag, path], stderr=subprocess.DEVNULL).returncode != 0:
            count_skip(name, "the file system knows no such flag")
            continue
        if flag == "i":
            wrong = tried(bed, kind, shapes, flag, lambda: subprocess.run(["chattr", "-i", path], check=True))
        else:
            wrong = [] if bed.deliver(kind, matrix.A, matrix.LIMIT) == 0 else ["not delivered"]
            copies, torn, _ = settled(bed, kind, shapes)
            wrong += torn if copies[matrix.A] == 1 else [f"{copies[matrix.A]} copies"]
            subprocess.run(["chattr", "-a", path], check=True)
        result(wrong, name, bed)


def count_skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}")


def bed_for(directory):
    os.environ["TMPDIR"] = tempfile.tempdir = directory
    base, programs = matrix.base_make()
    return base, matrix.Bed(base + "/0", programs, "")


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root")
        return
    if not all(os.access(f"{os.environ['B']}/{p}", os.X_OK) for p in ("bivalve", "bivalve-scan", "bivalved")):
        print("1..0 # SKIP bivalve is not built")
        return
    if ctypes.CDLL(None).unshare(0x00020000) != 0 or subprocess.run(
            ["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL).returncode != 0:
        print("1..0 # SKIP no mount namespace here")
        return
    os.environ.pop("SHIM", None)
    for directory, cases in (("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp", small),
                             ("/var/tmp", immutable)):
        base, bed = bed_for(directory)
        matrix.become(bed, Kind("", "", root=True))
        try:
            cases(bed)
        finally:
            bed.stop()
            subprocess.run(["chattr", "-R", "-i", base], stderr=subprocess.DEVNULL)
            shutil.rmtree(base, ignore_errors=True)
    print(f"1..{count}")


if __name__ == "__main__":
    main()
