#!/usr/bin/env python3
"""dnsstub.py READY [ADDRESS]: a name server on a free UDP and TCP port of ADDRESS (127.0.0.1), for
tests.  Standard input holds lines "NAME TYPE DATA": A and AAAA addresses, TXT text, MX "10 host" ("0
." is a null MX); type DROP gives no answer, SERVFAIL that error.  Other names do not exist.  Writes
ADDRESS:PORT into the file READY, then serves; each question becomes a line of READY.log."""
import ipaddress, os, socket, struct, sys, threading

TYPES = {"A": 1, "MX": 15, "TXT": 16, "AAAA": 28}


def name(text):
    out = b""
    for label in text.strip(".").split("."):
        if label:
            out += bytes([len(label)]) + label.encode()
    return out + b"\0"


def rdata(kind, data):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(data).packed
    if kind == "TXT":
        text = data.encode()
        return b"".join(bytes([len(text[i:i + 255])]) + text[i:i + 255]
                        for i in range(0, max(1, len(text)), 255))
    preference, host = data.split()
    return struct.pack(">H", int(preference)) + name(host)


def load(lines):
    zone = {}
    for line in lines:
        owner, kind, data = (line.rstrip("\n").split(" ", 2) + ["", ""])[:3]
        if owner:
            zone.setdefault(owner.lower().strip("."), []).append((kind, data))
    return zone


def question(packet):
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
        at += packet[at] + 1
    return ".".join(labels).lower(), struct.unpack(">H", packet[at + 1:at + 3])[0], at + 5


def answer(zone, packet, log):
    owner, kind, end = question(packet)
    log.write("%s %d\n" % (owner, kind))
    log.flush()
    records = zone.get(owner)
    code, found = (3, []) if records is None else (0, [r for r in records if TYPES.get(r[0]) == kind])
    for r in records or []:
        if r[0] == "DROP":
            return None
        if r[0] == "SERVFAIL":
            code, found = 2, []
    out = packet[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(found), 0, 0) + packet[12:end]
    for k, data in found:
        body = rdata(k, data)
        out += struct.pack(">HHHIH", 0xc00c, TYPES[k], 1, 60, len(body)) + body
    return out


def serve_tcp(zone, listener, log):
    while True:
        peer, _ = listener.accept()
        head = peer.recv(2)
        if len(head) == 2:
            reply = answer(zone, peer.recv(struct.unpack(">H", head)[0]), log)
            if reply:
                peer.sendall(struct.pack(">H", len(reply)) + reply)
        peer.close()


def main():
    ready, host = sys.argv[1], (sys.argv + ["127.0.0.1"])[2]
    zone = load(sys.stdin)
    for _ in range(20):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((host, 0))
        tcp = socket.socket()
        try:
            tcp.bind(udp.getsockname())
            break
        except OSError:
            tcp.close()
    tcp.listen(5)
    log = open(ready + ".log", "w")
    threading.Thread(target=serve_tcp, args=(zone, tcp, log), daemon=True).start()
    with open(ready + ".new", "w") as f:
        f.write("%s:%d\n" % udp.getsockname())
    os.rename(ready + ".new", ready)
    while True:
        packet, peer = udp.recvfrom(4096)
        reply = answer(zone, packet, log)
        if reply:
            udp.sendto(reply[:12] if len(reply) > 4096 else reply, peer)


main()
