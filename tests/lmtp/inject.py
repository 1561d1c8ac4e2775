#!/usr/bin/env python3
"""inject.py [-p PARAMETER]... [-n COUNT] PORT FROM RCPT[,RCPT...]: says standard input, a message, to
an SMTP server on 127.0.0.1.  With COUNT so many times in one session, with @N@ replaced by 1, 2, ...
The exit status is 0 when all were accepted for all; else the answers are printed."""
import argparse, smtplib, sys

a = argparse.ArgumentParser()
a.add_argument("-p", action="append", default=[])
a.add_argument("-n", type=int, default=1)
a.add_argument("port", type=int)
a.add_argument("sender")
a.add_argument("recipients")
a = a.parse_args()
text = sys.stdin.buffer.read()
server = smtplib.SMTP("127.0.0.1", a.port, local_hostname="client.test", timeout=120)
refused = {}
try:
    for n in range(1, a.n + 1):
        refused.update(server.sendmail(a.sender, a.recipients.split(","),
                                       text.replace(b"@N@", b"%d" % n), a.p))
except smtplib.SMTPException as e:
    refused[""] = e
server.close()
for who, what in refused.items():
    print(who, what)
sys.exit(1 if refused else 0)
