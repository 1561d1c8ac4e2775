#!/usr/bin/env python3
"""sendmail.t: a private sendmail calls bivalve as its local mailer (exec), with site recipes and the
shipped signatures.  Every clean message arrives byte for byte, every infected one is in the
quarantine, nothing bounces, and every temporary fault ends in a queued message that a later queue
run delivers.  TAP on standard output; needs root and sendmail."""
import glob, json, os, re, shutil, subprocess, sys, tempfile, time

TOP = os.environ.get("TOP") or os.path.abspath(os.path.dirname(__file__) + "/../..")
B = os.environ.get("B") or TOP + "/build/cc"
BED = TOP + "/tests/testbed"
REAL = os.environ.get("REAL_MAIL") or os.path.join(TOP, os.pardir, "shared", "mail")
count = 0


def result(good, text, *notes):
    global count
    count += 1
    print("%s %d - %s" % ("ok" if good else "not ok", count, text))
    if not good:
        for note in notes:
            for line in str(note).splitlines()[:40]:
                print("# " + line)
    sys.stdout.flush()
    return good


def skip_all(reason):
    print("1..0 # SKIP " + reason)
    sys.exit(0)


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def write(path, text, mode=0o644):
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Bed:
    """One sendmail, one bivalve, users u1..u20 with a Maildir each."""

    def __init__(self, name):
        self.dir = tempfile.mkdtemp(prefix="bivalve-" + name + ".")
        os.chmod(self.dir, 0o755)
        os.makedirs(self.dir + "/bin")
        # Only what is below the bed's directory is sure to be seen inside it.
        for program in ("bivalve", "bivalve-scan"):
            shutil.copy(B + "/" + program, self.dir + "/bin/" + program)
        self.configure()
        write(self.dir + "/bivalverc", "MAILDIR=$HOME\nDEFAULT=$HOME/Maildir/\n" +
              read(TOP + "/recipes/default.rc").decode())
        shutil.copytree(TOP + "/recipes/signatures", self.dir + "/signatures")
        os.makedirs(self.dir + "/tmp")
        os.chmod(self.dir + "/tmp", 0o1777)
        os.makedirs(self.dir + "/quarantine", 0o700)
        shutil.chown(self.dir + "/quarantine", "nobody", "nogroup")
        # While the file tee-on is there, what the mailer gets on standard input is kept, by number:
        # sendmail rewrites addresses and dates, and only what it hands over can arrive unchanged.
        write(self.dir + "/bin/mailer", """#!/bin/sh
[ -e /srv/tb/tee-on ] || exec /srv/tb/bin/bivalve "$@"
cat >/srv/tb/given/$$
exec /srv/tb/bin/bivalve "$@" </srv/tb/given/$$
""", 0o755)
        os.makedirs(self.dir + "/given")
        up = run(BED + "/sendmail-up", self.dir, "--mlocal", "exec", "--path", "/srv/tb/bin/mailer",
                 "--args", "bivalve --config /srv/tb/bivalve.conf -f $g -c ${client_addr} --id $i "
                 "-a $h -d $u", "--flags", "SPhnu", "--mc-post", BED + "/mc/client-addr.mc-post",
                 "--deliver", "b")
        if up.returncode:
            skip_all("sendmail does not start here: " + up.stdout.decode(errors="replace")[-300:])
        self.port = read(self.dir + "/port").decode().strip()

    def configure(self, **changed):
        keys = dict(database="/srv/tb/signatures", site_recipes="/srv/tb/bivalverc",
                    quarantine="/srv/tb/quarantine", temp_dir="/srv/tb/tmp", timeout="60",
                    scan_timeout="20", scan_user="nobody")
        keys.update(changed)
        write(self.dir + "/bivalve.conf", "".join("%s = %s\n" % kv for kv in keys.items()))

    def send(self, data, user="u1", sender="a@sender.test", source="127.0.0.9"):
        return run(BED + "/lib/smtp1", "-q", "-s", source, "--", self.port, sender, user + "@tb.test",
                   input=data).returncode == 0

    def inbox(self, user="u1"):
        return sorted(glob.glob(self.dir + "/home/%s/Maildir/new/*" % user))

    def quarantine(self):
        return sorted(glob.glob(self.dir + "/quarantine/*.json"))

    def queued(self):
        return len(glob.glob(self.dir + "/queue/qf*"))

    def busy(self):
        ns = os.readlink("/proc/%s/ns/mnt" % read(self.dir + "/run/keeper.pid").decode().strip())
        n = 0
        for p in glob.glob("/proc/[0-9]*"):
            try:
                n += os.readlink(p + "/ns/mnt") == ns and "bivalve" in os.readlink(p + "/exe")
            except OSError:
                pass
        return n

    def settle(self, seconds=120, queued=0):
        end = time.time() + seconds
        while time.time() < end and (self.queued() > queued or self.busy()):
            time.sleep(0.1)
        time.sleep(0.2)

    def deferred(self, user, data=None, text="queued"):
        """True once a message to user sits in the queue, deferred by the mailer."""
        before = self.log().count(b"stat=Deferred")
        if not self.send(data or message(text), user):
            return False
        end = time.time() + 40
        while time.time() < end:
            if self.log().count(b"stat=Deferred") > before and not self.busy():
                return self.queued() > 0
            time.sleep(0.1)
        return False

    def runq(self):
        out = run(BED + "/sm-runq", self.dir)
        self.settle(5)
        return out.stdout.decode(errors="replace")

    def log(self):
        return read(self.dir + "/log/maillog")

    def bounces(self):
        return [f for f in glob.glob(self.dir + "/sink/*") if os.path.getsize(f)]

    def down(self):
        run(BED + "/sendmail-down", self.dir, "--rm")


def message(text, extra=""):
    return ("From: a@sender.test\nTo: u@tb.test\nSubject: %s\nMessage-Id: <%s@sender.test>\n"
            "Date: Mon, 2 Nov 2026 10:00:00 +0000\n%s\n%s\n" % (text, abs(hash(text)), extra, text)
            ).encode()


def part(data, name="file.bin"):
    import base64
    return (b"From: a@sender.test\nTo: u@tb.test\nSubject: file\nMessage-Id: <" + name.encode() +
            b"@sender.test>\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=\"=_b\"\n\n--=_b\nContent-Type: text/plain\n\n"
            b"See the file.\n--=_b\nContent-Type: application/octet-stream; name=\"" + name.encode() +
            b"\"\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(data) + b"--=_b--\n")


def arrived(original, delivered):
    """Is delivered the original but for fields that sendmail or a recipe put into the head?"""
    def halves(text):
        head, _, body = text.partition(b"\n\n")
        return head.split(b"\n"), body
    want, wbody = halves(original)
    got, gbody = halves(delivered)
    if gbody != wbody:
        return "body differs"
    it = iter(got)
    for line in want:
        if line.startswith((b"From ", b"Return-Path:", b"Content-Length:")):
            continue  # made by sendmail, or made true
        if not any(line == g for g in it):
            return "lost or changed: %r" % line
    return None


def deliver_all(bed, files, what, infected=False):
    """Sends each file to u1..u20 in turn, X-Number telling them apart, and compares."""
    base_q, sent = len(bed.quarantine()), {}
    for f in files:
        data = read(f).replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n"
        if data.startswith(b"From "):
            data = data.partition(b"\n")[2]
        number = b"%d" % len(sent)
        data = b"X-Number: " + what.encode() + b"-" + number + b"\n" + data
        if bed.send(data, "u%d" % (1 + len(sent) % 20)):
            sent[number] = (f, data)
    bed.settle(200)
    if infected:
        return result(len(bed.quarantine()) - base_q == len(files) and not bed.queued(),
                      "%d infected messages are in the quarantine (%s)" % (len(files), what),
                      "quarantined %d, queued %d" % (len(bed.quarantine()) - base_q, bed.queued()))
    seen, bad = {}, []
    for user in range(1, 21):
        for f in bed.inbox("u%d" % user):
            data = read(f)
            m = re.search(rb"^X-Number: " + what.encode() + rb"-(\d+)$", data, re.M)
            if m:
                seen[m.group(1)] = data
    given = {}
    for f in glob.glob(bed.dir + "/given/*"):
        data = read(f)
        m = re.search(rb"^X-Number: " + what.encode() + rb"-(\d+)$", data, re.M)
        if m:
            given[m.group(1)] = data
    for number, (f, data) in sent.items():
        data = given.get(number, data)
        why = arrived(data, seen[number]) if number in seen else "not there"
        if why:
            bad.append("%s: %s" % (f, why))
    return result(len(sent) > 0 and not bad and not bed.queued(),
                  "%d of %d messages arrive byte for byte (%s)" % (len(sent) - len(bad), len(sent),
                                                                  what), *bad)


def test_main_job(bed):
    with tempfile.TemporaryDirectory() as d:
        run(TOP + "/tests/lab/gen-messages", d)
        deliver_all(bed, sorted(glob.glob(d + "/clean/*.eml")), "generated")
        deliver_all(bed, sorted(glob.glob(d + "/infected/*.eml")), "eicar", infected=True)
    with tempfile.TemporaryDirectory() as d:
        files = sorted(glob.glob("/usr/share/clamav-testfiles/clam*"))
        for f in files:
            write(d + "/" + os.path.basename(f), part(read(f), os.path.basename(f)))
        if files:
            deliver_all(bed, sorted(glob.glob(d + "/*")), "testfiles", infected=True)
    real = [f for f in sorted(glob.glob(REAL + "/*/**", recursive=True))
            if os.path.isfile(f) and not f.endswith("README.md") and b"\0" not in read(f)
            and not re.search(rb"\r(?!\n)", read(f)) and max(map(len, read(f).split(b"\n"))) < 900]
    if real:
        write(bed.dir + "/tee-on", "")
        deliver_all(bed, real, "real")
        os.unlink(bed.dir + "/tee-on")
    else:
        print("ok %d - real mail # SKIP none in this checkout" % (count + 1))
        globals()["count"] += 1
    result(not bed.bounces(), "nothing bounced", bed.bounces())


def test_envelope(bed):
    write(bed.dir + "/home/u2/.bivalverc",
          "LOGABSTRACT=no\n:0\n* envelope:client ?? ^127\\.0\\.0\\.9$\n* envelope:from ?? a@sender\n"
          "{\n:0\n* envelope:detail ?? ^Lists$\nMaildir-detail/\n}\n")
    shutil.chown(bed.dir + "/home/u2/.bivalverc", 20002, 20000)
    bed.send(message("detail"), "u2+Lists")
    bed.settle()
    got = glob.glob(bed.dir + "/home/u2/Maildir-detail/new/*")
    result(len(got) == 1, "client, sender and +Detail reach the recipes", bed.log()[-1500:])
    if got:
        st = os.stat(got[0])
        result((st.st_uid, st.st_gid) == (20002, 20000), "delivered with the recipient's rights")


def test_faults(bed):
    """Each fault: the message is queued, nobody hears of it, and it arrives once the fault is gone."""
    def heals(name, user, heal, data=None, infected=False):
        before, quarantined = len(bed.inbox(user)), len(bed.quarantine())
        queued = bed.deferred(user, data, name)
        reason = bed.log()[-2500:]
        kept = len(bed.inbox(user)) == before
        heal()
        said = bed.runq()
        bed.settle(30)
        there = (len(bed.quarantine()) == quarantined + 1 if infected
                 else len(bed.inbox(user)) == before + 1)
        result(queued and kept and there and bed.queued() == 0, "queued, then delivered: " + name,
               "queued %s kept back %s delivered %s left %d" % (queued, kept, there, bed.queued()),
               said, reason.decode(errors="replace"))

    signatures = bed.dir + "/signatures"
    os.rename(signatures, signatures + ".away")
    heals("no signatures", "u3", lambda: os.rename(signatures + ".away", signatures))
    write(signatures + "/broken.ndb", "this is no signature\n")
    heals("broken signature file", "u3", lambda: os.unlink(signatures + "/broken.ndb"))
    os.chmod(bed.dir + "/tmp", 0o755)
    heals("scanner's temporary directory not writable", "u3", lambda: os.chmod(bed.dir + "/tmp",
                                                                              0o1777))
    os.rename(bed.dir + "/bin/bivalve-scan", bed.dir + "/bin/away")
    bed.configure(scanner="/srv/tb/bin/bivalve-scan")
    heals("scanner missing", "u3", lambda: os.rename(bed.dir + "/bin/away",
                                                     bed.dir + "/bin/bivalve-scan"))
    write(bed.dir + "/bin/killed", "#!/bin/sh\nkill -9 $$\n", 0o755)
    bed.configure(scanner="/srv/tb/bin/killed")
    heals("scanner killed", "u3", bed.configure)
    write(bed.dir + "/bin/hangs", "#!/bin/sh\nexec sleep 300\n", 0o755)
    bed.configure(scanner="/srv/tb/bin/hangs", scan_timeout="1", timeout="8")
    heals("scanner hangs", "u3", bed.configure)
    write(bed.dir + "/bivalve.conf", "databsae = /x\n")
    heals("configuration with an error", "u3", bed.configure)
    write(bed.dir + "/bivalverc.away", read(bed.dir + "/bivalverc"))
    os.unlink(bed.dir + "/bivalverc")
    os.mkdir(bed.dir + "/bivalverc")

    def back():
        os.rmdir(bed.dir + "/bivalverc")
        os.rename(bed.dir + "/bivalverc.away", bed.dir + "/bivalverc")
    heals("site recipes cannot be read", "u3", back)
    shutil.chown(bed.dir + "/quarantine", "root", "root")
    eicar = b"X5O!P%@AP[4" + b"\\PZX54(P^)7CC)7}$EICAR-STAN" + b"DARD-ANTIVIRUS-TEST-FILE!$H+H*"
    heals("quarantine not writable", "u3", lambda: shutil.chown(bed.dir + "/quarantine", "nobody",
                                                               "nogroup"), part(eicar), True)
    home = bed.dir + "/home/u4"
    write(home + "/.procmailrc", "DEFAULT=$HOME/small/box\nORGMAIL=$HOME/small/other\n")
    shutil.chown(home + "/.procmailrc", 20004, 20000)
    os.mkdir(home + "/small")
    full = run(BED + "/sm-exec", bed.dir, "mount", "-t", "tmpfs", "-o", "size=64k,mode=1777", "tmpfs",
               "/home/u4/small")
    if full.returncode == 0:
        queued = bed.deferred("u4", message("full disk", "x" * 70 + "\n" * 2 + "y" * 200000))
        left = run(BED + "/sm-exec", bed.dir, "ls", "-A", "/home/u4/small").stdout
        run(BED + "/sm-exec", bed.dir, "mount", "-o", "remount,size=10m", "/home/u4/small")
        bed.runq()
        bed.settle(20)
        box = run(BED + "/sm-exec", bed.dir, "cat", "/home/u4/small/box").stdout
        result(queued and box.count(b"y" * 200000) == 1 and not bed.queued(),
               "queued, then delivered once: disk full", left, bed.log()[-1500:].decode("latin-1"))
    result(not bed.bounces(), "no fault bounced a message", bed.bounces())


def test_refusals(bed):
    write(bed.dir + "/home/u5/.bivalverc", ":0\n* ^Subject: no\n@reject not here, please\n")
    shutil.chown(bed.dir + "/home/u5/.bivalverc", 20005, 20000)
    bed.send(message("no"), "u5")
    bed.settle()
    text = b"".join(read(f) for f in bed.bounces())
    result(b"not here, please" in text, "@reject gives the sender its text", text[-1500:])
    result(b"/srv/tb" not in text and b"scan=" not in text, "and nothing else of ours", text)
    for f in bed.bounces():
        os.unlink(f)


def test_rights(bed):
    """What the site's and the user's recipes run as, and that the quarantine is closed."""
    write(bed.dir + "/home/u6/.procmailrc",
          "X=`id -u; id -G`\nLOGABSTRACT=no\n:0\n* X ?? ^20006\n"
          "{\nLOGFILE=$HOME/ids\nLOG=\"$X\"\n}\n")
    shutil.chown(bed.dir + "/home/u6/.procmailrc", 20006, 20000)
    bed.send(message("ids"), "u6")
    bed.settle()
    ids = read(bed.dir + "/home/u6/ids") if os.path.exists(bed.dir + "/home/u6/ids") else b""
    result(ids.split()[:1] == [b"20006"] and b"0" not in ids.split(),
           "programs run as the recipient, without root's groups", ids, bed.log()[-1500:])
    for f in bed.quarantine()[:1]:
        meta = json.loads(read(f))
        result(os.stat(f).st_mode & 0o077 == 0 and isinstance(meta, dict),
               "quarantined mail is the administrator's alone, its metadata is JSON", meta)


def main():
    if os.geteuid() != 0:
        skip_all("needs root")
    if not os.path.exists("/usr/libexec/sendmail/sendmail"):
        skip_all("sendmail is not installed")
    if not os.path.exists(B + "/bivalve-scan"):
        skip_all("bivalve-scan is not built")
    bed = Bed("sendmail")
    try:
        for test in (test_main_job, test_envelope, test_refusals, test_rights, test_faults):
            test(bed)
    finally:
        if os.environ.get("KEEP"):
            print("# kept " + bed.dir)
        else:
            bed.down()
    print("1..%d" % count)


main()
