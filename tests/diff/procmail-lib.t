#!/usr/bin/env python3
"""Every module of procmail-lib, read by bivalve and by procmail, on the same messages.

For each module and message: the same files left, exit status and forwards, and no complaint about
an rcfile from bivalve where procmail has none.  What programs made of clock and process number is
not compared.  TAP; skips where procmail or its library is not installed.
"""
import concurrent.futures, importlib.machinery, importlib.util, os, re, shutil, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LIBRARY = "/usr/share/procmail-lib"
JOBS = 16  # they mostly wait
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)


def load(name, path):
    loader = importlib.machinery.SourceFileLoader(name, path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


RC = b"""PMSRC=/usr/share/procmail-lib
LOCKSLEEP=1
MY_EMAIL=bob@example.net
MY_XLOOP="X-Loop: bob@example.net"
SPOOL=@HOME@/spool
JA_DUP_FILE=@HOME@/dup
JA_DUP_FLAG=yes
JA_COOKIE_SEND=no
JA_CRON_RUN=no
INPUT=`formail -zxSubject:`
INCLUDERC=$PMSRC/%s
:0 c
| echo "ERROR=[$ERROR] RETURN=[$RETURN] KILL=[$RC_KILL] INPUT=[$INPUT] $LASTFOLDER" >result; cat >/dev/null
:0
box
"""


def mail(head, body, sender="alice@example.org"):
    return ("From %s Tue Mar 13 10:00:00 2001\n%s\n%s" % (sender, head, body)).encode("latin-1")


MESSAGES = {
    "plain": mail(
        "Return-Path: <alice@example.org>\nReceived: from mail.example.org (mail.example.org "
        "[192.0.2.10])\n\tby mx.example.net with ESMTP id A1B2C3\n\tfor <bob@example.net>; Tue, 13 "
        "Mar 2001 10:00:00 +0000\nFrom: Alice Liddell <alice@example.org>\nTo: Bob Builder "
        "<bob+list@example.net>\nCc: carol@example.com\nSubject: Re: Lunch on Thursday\nMessage-ID: "
        "<20010313.1000@example.org>\nDate: Tue, 13 Mar 2001 10:00:00 +0000\n",
        "Hello Bob,\n\nshall we have lunch on Thursday?\nFrom here it is far.\n\nAlice\n"),
    "list": mail(
        "Sender: owner-recipes@lists.example.com\nPrecedence: bulk\nX-Mailing-List: "
        "<recipes@lists.example.com> archive/latest/12\nMailing-List: contact recipes-help@lists."
        "example.com; run by ezmlm\nList-Id: Recipes <recipes.lists.example.com>\nDelivered-To: "
        "mailing list recipes@lists.example.com\nFrom: carol@example.com (Carol)\nTo: "
        "recipes@lists.example.com\nReply-To: recipes@lists.example.com\nSubject: [recipes] Re: AW: "
        "Soup (was: Bread)\nMessage-ID: <2@example.com>\nDate: Wed, 14 Mar 2001 11:00:00 +0100\n",
        "> Soup?\nBread.\n-- \nTo unsubscribe mail recipes-unsubscribe@lists.example.com\n",
        "owner-recipes@lists.example.com"),
    "bounce": mail(
        "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>\nTo: bob@example.net\nSubject: "
        "Returned mail: User unknown\nAuto-Submitted: auto-generated (failure)\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"b1\"\nMessage-ID: "
        "<3@mx.example.net>\nDate: Thu, 15 Mar 2001 12:00:00 GMT\n",
        "--b1\n\nThe original message was received at Thu, 15 Mar 2001\n\n   ----- The following "
        "addresses had permanent fatal errors -----\n<nobody@example.org>\n\n--b1\nContent-Type: "
        "message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: RFC822; "
        "nobody@example.org\nAction: failed\nStatus: 5.1.1\n\n--b1--\n", "MAILER-DAEMON"),
    "mime": mail(
        "From: Dave <dave@example.com>\nTo: bob@example.net\nSubject: =?iso-8859-1?Q?Caf=E9?= menu\n"
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_x\"\nX-Mailer: Microsoft "
        "Outlook Express 5.00\nMessage-ID: <4@example.com>\nDate: Fri, 16 Mar 2001 13:00:00 +0000\n",
        "This is a multi-part message in MIME format.\n\n--=_x\nContent-Type: text/plain; "
        "charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nCaf=E9 =3D good,=20\nyes."
        "\n\n--=_x\nContent-Type: text/x-vcard; name=\"dave.vcf\"\n\nbegin:vcard\nend:vcard\n\n--=_x\n"
        "Content-Type: application/ms-tnef; name=\"winmail.dat\"\nContent-Transfer-Encoding: base64\n"
        "\neJ8+IgAA\n\n--=_x--\n"),
    "spam": mail(
        "Received: from 198.51.100.7 (HELO x) by mx.example.net\nFrom: \"Best Deals\" <98123487@"
        "example.org>\nTo: undisclosed-recipients:;\nSubject: MAKE MONEY FAST!!! FREE $$$      "
        "xk2991\nX-Priority: 1\nMessage-ID: <>\nContent-Type: text/html\nDate: Sat, 17 Mar 2001 "
        "14:00:00 -0800\n",
        "<HTML><BODY>CLICK HERE <a href=\"http://example.org/x.exe\">100% FREE</a>\nTo be removed from "
        "our mailing list reply with REMOVE in the subject.\nThis is not spam. Section 301.\n"
        "</BODY></HTML>\n", "98123487@example.org"),
    "request": mail(
        "From: Eve <eve@example.com>\nTo: bob@example.net\nSubject: send help\nMessage-ID: <6@example."
        "com>\nDate: Sun, 18 Mar 2001 15:00:00 +0000\nX-Face: abc\nStatus: RO\nLines: 1\n",
        "send help\n", "eve@example.com"),
    "bare": b"Subject: ping\nTo: bob\n\nurl http://www.example.com/changed.html\nsize 12\n",
    "odd": b"From x\nFrom: (nobody)\nTO: BOB@EXAMPLE.NET,\n\tcarol@example.com\nsubject:\n\tsubscribe "
           b"$HOME `x`\nX-Loop: bob@example.net\nDate: 1 Apr 01 00:00 EST\n\n\xe4\xf6\n.\nFrom y",
}

# Where a variable must be set: a filter without a program is none, and what procmail makes of it
# (doc/DIFFERENCES.md) loses the mail.
PRELUDE = {
    "pm-jasrv.rc": b"LOGABSTRACT=no\n",  # its LOG ends without a newline, in the middle of a line
    "pm-jasrv-multi.rc": b"FORMAIL=formail\nCAT='cat -'\nMIME_BIN_64_E=base64\nfile=/usr/share/procmail-lib/pm-jasrv-multi.rc\n",
}

TRACE = re.compile(
    rb"^procmail: (Assigning|Match on|No match on|Executing|Locking|Unlocking|Opening|Rcfile:|Score:|"
    rb"\[\d+\]|Bypassed|Notified|Acquiring|Releasing|Reiterating|Kernel|Assign)")
NOISE = re.compile(rb"^bivalve: from=<")
NUMBERS = re.compile(rb"\d+")


def complaints(said, *programs):
    """What it says about rcfiles and itself; procmail lets the shell say what cannot be started."""
    return [line for line in said.split(b"\n") if line.startswith(programs)
            and not TRACE.match(line) and not NOISE.match(line)]


def without_numbers(result):
    """Clock, process numbers and what is named after them."""
    def text(data):
        return NUMBERS.sub(b"0", data)
    result.tree = sorted(re.sub(r"\d+", "0", line[6:]) for line in result.tree)
    result.files = {re.sub(r"\d+", "0", name): text(data) for name, data in result.files.items()}
    result.stdout = text(result.stdout)
    result.log = text(result.log or b"")
    return result


def differences(diff, module, message):
    files = {"rc": PRELUDE.get(module, b"") + RC % module.encode(), "msg": MESSAGES[message], "about": b"x",
             "args": b"@DEFAULTS@\n@HOME@/rc\n", "setup": b"mkdir spool\nmkdir Mail\nmkdir txt\n"}
    for _ in range(4):  # once more, in case a second or a race between programs made it
        want, theirs = diff.run(files, diff.theirs)
        got, ours = diff.run(files, diff.ours)
        bad = compare(diff, want, got)
        if not bad:
            break
    if want.status.startswith("signal"):  # procmail crashes now and then on what it reads
        return []
    said, reproach = complaints(ours, b"bivalve: "), complaints(theirs, b"procmail: ", b"/bin/sh: 0: ")
    if said and not reproach:
        bad.append("complains where procmail does not: %s\n" % said[0].decode("latin-1"))
    return bad


def compare(diff, want, got):
    bad = procmail_diff.compat.compare(want, got, diff.ours)
    if bad:
        bad = procmail_diff.compat.compare(without_numbers(want), without_numbers(got), diff.ours)
    return bad


def main():
    procmail = shutil.which("procmail")
    if not procmail or not os.path.isdir(LIBRARY):
        print("1..0 # SKIP no %s here" % ("procmail-lib" if procmail else "procmail"))
        return
    modules = sorted(n for n in os.listdir(LIBRARY) if n.endswith(".rc"))
    work = [(m, name) for m in modules for name in MESSAGES]
    if sys.argv[1:]:
        work = [w for w in work if any(a in "%s %s" % w for a in sys.argv[1:])]
    print("1..%d" % len(work))
    with tempfile.TemporaryDirectory(prefix="pl") as top:
        os.chmod(top, 0o755)
        ours = shutil.copy(os.path.join(TOP, os.environ.get("B", "build/cc"), "bivalve"), top)
        diff = procmail_diff.Pair(ours, procmail)
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            found = pool.map(lambda w: differences(diff, *w), work)
            for n, (w, bad) in enumerate(zip(work, found), 1):
                print("%s %d - %s, %s" % ("not ok" if bad else "ok", n, w[0], w[1]), flush=True)
                for line in "".join(bad).splitlines():
                    print("# " + line)


procmail_diff = load("procmail_diff", HERE + "/procmail-diff")

if __name__ == "__main__":
    main()
