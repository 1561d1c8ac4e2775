#!/usr/bin/python3
"""peer.py SCRIPT -- PROGRAM...: says what a script says to an LMTP server on its standard input.

Lines of the script:
  > text       send text and CR LF (\\r \\n \\xNN are bytes); ">-" sends no CR LF
  < code       read one reply, whose code must begin with this; "<*" takes any
  data FILE    send a file's lines with dots stuffed, and the lone dot
  big BYTES    send so many bytes of text
  burst N      collect the next N sends and send them in one piece
  sleep S      wait
  await FILE   wait until it is there, 20 seconds at most
  remove FILE
  signal NAME  to the server
  shut         close the server's input
  gone         close both ends without a word
  eof          the server must close its output now
Every reply is printed.  The exit status is 0 when all came as said; 2 for the server's bad status.
"""
import os, signal, subprocess, sys, time

at = sys.argv.index("--")
script = open(sys.argv[1]).read().split("\n")
server = subprocess.Popen(sys.argv[at + 1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
held, burst = b"", 0


def die(text):
    print("peer: " + text, flush=True)
    server.kill()
    sys.exit(1)


def send(data):
    global held, burst
    held += data
    if burst > 1:
        burst -= 1
        return
    burst = 0
    try:
        server.stdin.write(held)
        server.stdin.flush()
    except BrokenPipeError:
        print("peer: broken pipe", flush=True)
    held = b""


def reply():
    while True:
        line = server.stdout.readline()
        if not line:
            return None
        print(line.decode("ascii").rstrip("\r\n"), flush=True)
        if not line.endswith(b"\r\n"):
            die("a reply without CR LF")
        if line[3:4] == b" ":
            return line.decode("ascii")


def data(path):
    text = open(path, "rb").read().replace(b"\r\n", b"\n")
    lines = [b"." + l if l.startswith(b".") else l for l in text.split(b"\n")]
    if lines[-1] == b"":
        lines.pop()
    send(b"\r\n".join(lines + [b".", b""]))


for n, line in enumerate(script, 1):
    word, _, rest = line.partition(" ")
    if word in ("", "#"):
        continue
    if word in (">", ">-"):
        text = rest.encode("latin-1").decode("unicode_escape").encode("latin-1")
        send(text + (b"\r\n" if word == ">" else b""))
    elif word == "<":
        got = reply()
        if got is None or not got.startswith(rest):
            die("line %d: wanted %s, got %s" % (n, rest, got))
    elif word == "<*":
        reply()
    elif word == "data":
        data(rest)
    elif word == "big":
        left = int(rest)
        while left > 0:
            send(b"x" * 78 + b"\r\n")
            left -= 80
    elif word == "burst":
        burst = int(rest)
    elif word == "sleep":
        time.sleep(float(rest))
    elif word == "await":
        for _ in range(200):
            if os.path.exists(rest):
                break
            time.sleep(0.1)
        else:
            die("line %d: there is no %s" % (n, rest))
    elif word == "remove":
        os.remove(rest)
    elif word == "signal":
        server.send_signal(getattr(signal, "SIG" + rest))
    elif word == "shut":
        server.stdin.close()
    elif word == "gone":
        server.stdin.close()
        server.stdout.close()
    elif word == "eof":
        if server.stdout.readline():
            die("line %d: the server says more" % n)
    else:
        die("line %d: what is %s?" % (n, word))
try:
    server.stdin.close()
except BrokenPipeError:
    pass
sys.exit(0 if server.wait() == 0 else 2)
