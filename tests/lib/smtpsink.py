#!/usr/bin/env python3
"""smtpsink.py READY DIR [PORT]: an SMTP server for tests, on a free port of 127.0.0.1, or on PORT of all
addresses.  Writes the port into READY; each message becomes a file of DIR: a line "MAIL RCPT...", then its
text."""
import itertools, os, socketserver, sys

number = itertools.count()


class Session(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def text(self):
        lines = []
        for line in iter(self.rfile.readline, b".\r\n"):
            if not line:
                return None
            lines.append((line[1:] if line.startswith(b".") else line).replace(b"\r\n", b"\n"))
        return b"".join(lines)

    def handle(self):
        who = []
        self.say("220 sink.test ESMTP")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"MAIL" or word == b"RCPT":
                who.append(line.strip().decode("latin-1").split(":", 1)[1].split()[0])
            elif word == b"DATA":
                self.say("354 go on")
                body = self.text()
                if body is None:
                    return
                name = "%s/%d.%d" % (sys.argv[2], os.getpid(), next(number))
                with open(name + ".new", "wb") as f:
                    f.write(" ".join(who).encode() + b"\n" + body)
                os.rename(name + ".new", name + ".msg")
                who = []
            elif word == b"QUIT":
                self.say("221 bye")
                return
            self.say("250 sink.test" if word in (b"EHLO", b"HELO") else "250 2.0.0 ok")


at = ("", int(sys.argv[3])) if sys.argv[3:] else ("127.0.0.1", 0)
server = socketserver.ThreadingTCPServer(at, Session)
with open(sys.argv[1] + ".new", "w") as f:
    f.write("%d\n" % server.server_address[1])
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
