#!/bin/sh
# locked.t: encrypted archives whose password stands in the message are looked into.
# shellcheck disable=SC2034  # for rate.sh
objects=${B:-build/cc}
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/rate.sh"

need python3 pkg-config
[ -x "$B/bivalve-scan" ] || skip_all "bivalve-scan is not built"
rate_build || skip_all "the driver does not compile"
mkdir "$T/messages"
python3 - "$T/messages" <<'END'
import base64, binascii, struct, sys, zlib

EICAR = (b"X5O!P%@AP[4\\PZX54(P^)7" + b"CC)7}$EICAR-STAN" + b"DARD-ANTIVIRUS-TE"
         + b"ST-FILE!$H+H*")

def crc(c, b): return binascii.crc32(bytes([b]), c ^ 0xffffffff) ^ 0xffffffff

def encrypt(data, password, check):
    k = [0x12345678, 0x23456789, 0x34567890]
    def update(b):
        k[0] = crc(k[0], b)
        k[1] = ((k[1] + (k[0] & 255)) * 134775813 + 1) & 0xffffffff
        k[2] = crc(k[2], k[1] >> 24)
    for b in password:
        update(b)
    out = bytearray()
    for b in bytes(range(11)) + bytes([check]) + data:
        t = (k[2] | 2) & 0xffff
        out.append(b ^ (t * (t ^ 1) >> 8) & 255)
        update(b)
    return bytes(out)

def locked(password, data, name=b"a.com", pack=True):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush() if pack else data
    sum = binascii.crc32(data)
    body = encrypt(body, password, sum >> 24)
    fields = struct.pack("<HHHHHIIIHH", 20, 1, 8 if pack else 0, 0, 0x21, sum, len(body),
                         len(data), len(name), 0)
    local = b"PK\3\4" + fields + name + body
    entry = b"PK\1\2" + b"\x14\0" + fields + b"\0" * 14 + name
    return local + entry + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)

def write(name, text, archive, subject="test"):
    with open(sys.argv[1] + "/" + name, "wb") as f:
        f.write(("From: a@example.org\nSubject: %s\nMIME-Version: 1.0\n"
                 "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "
                 "charset=utf-8\n\n%s\n--b\nContent-Type: application/zip; name=a.zip\n"
                 "Content-Transfer-Encoding: base64\n\n" % (subject, text)).encode()
                + base64.encodebytes(archive) + b"--b--\n")

secret = locked(b"Xy7!kq", EICAR)
write("found-1", "The password is Xy7!kq", secret)
write("found-2", "Passwort:\n\n  \"Xy7!kq\".\n", secret)
write("found-3", "see the password:Xy7!kq,\nregards", secret)
write("found-4", "nothing", secret, "=?utf-8?Q?password_Xy7!kq?=")
write("found-5", "Hello,\n" + "many other words here\n" * 20 + "and Xy7!kq it is", secret)
write("found-6", "nothing", locked(b"infected", EICAR))
write("found-7", "code: 0815", locked(b"0815", EICAR, pack=False))
write("closed-1", "call me for the password", secret)
write("closed-2", "password: Xy7!kq", locked(b"Xy7!kq", b"harmless text\n" * 9))
END
rate_scan "$T/messages" >"$T/results"
for n in 1 2 3 4 5 6 7; do
	like "$(cat "$T/results")" "^found-$n found" "found-$n"
done
for n in 1 2; do
	like "$(cat "$T/results")" "^closed-$n unscannable" "closed-$n is encrypted, and no more"
done
done_testing
