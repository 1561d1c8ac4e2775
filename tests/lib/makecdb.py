#!/usr/bin/env python3
"""makecdb.py FILE [KEY VALUE]...: a constant database (cr.yp.to/cdb/cdb.txt), for tests."""
import struct, sys


def digest(key):
    h = 5381
    for byte in key:
        h = (h * 33 & 0xffffffff) ^ byte
    return h


out, tables = bytearray(2048), [[] for _ in range(256)]
for key, value in zip(sys.argv[2::2], sys.argv[3::2]):
    key, value = key.encode(), value.encode()
    tables[digest(key) % 256].append((digest(key), len(out)))
    out += struct.pack("<II", len(key), len(value)) + key + value
for n, table in enumerate(tables):
    slots = [(0, 0)] * (2 * len(table))
    struct.pack_into("<II", out, 8 * n, len(out), len(slots))
    for h, place in table:
        at = h // 256 % len(slots)
        while slots[at][1]:
            at = (at + 1) % len(slots)
        slots[at] = (h, place)
    for slot in slots:
        out += struct.pack("<II", *slot)
with open(sys.argv[1], "wb") as f:
    f.write(out)
