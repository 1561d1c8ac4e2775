#!/bin/sh
# clam15.t: the code for libclamav 1.5, which the build takes where its header is there.  Here it is
# compiled against tests/scan/clam15/clamav.h, and runs with 1.5's functions made from older ones.
objects=${B-}
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

need pkg-config python3 base64
if [ -z "${COMPILE-}" ] || [ ! -d "$objects/scan" ]; then skip_all "no build to link with"; fi
if pkg-config --atleast-version=1.5 libclamav; then skip_all "the build has taken that code"; fi
newer=$TOP/tests/scan/clam15
flags=$(pkg-config --cflags libclamav)
libs=$(pkg-config --libs gmime-3.0 libxml-2.0 libclamav)

# newer: compiles a file of ours, or of the test's, as 1.5 would have it
newer() {
	# shellcheck disable=SC2086  # lists
	$COMPILE -I"$TOP/src" -I"$newer" $flags -c -o "$T/obj/${1##*/}.o" "$1" >&2
}

cd "$TOP" || exit 1
mkdir "$T/obj"
bad=
for f in src/scan/*.c "$newer/newer.c" tests/unit/test-scan.c; do
	newer "$f" || bad="$bad $f"
done
is "$bad" "" "compiles, without what 1.5 calls deprecated" || exit 1
runtime=
[ -z "${SAN-}" ] || runtime=$objects/tests/lib/sanitizer.o
below="$objects/base/*.o $objects/core/*.o $runtime"
mv "$T/obj/test-scan.c.o" "$T/unit.o"
scan=$(find "$T/obj" -name "*.o")
# shellcheck disable=SC2086
ok "links with the unit test" $COMPILE -pie -o "$T/unit" "$T/unit.o" $scan $below \
    -lcmocka $libs
# shellcheck disable=SC2086
ok "links as bivalve-scan" $COMPILE -pie -o "$T/scanner" $scan $below "$objects"/mime/*.o \
    "$objects"/entry/scanner*.o "$objects"/proc/sandbox.o "$objects"/proc/pool*.o \
    "$objects"/proc/seat.o "$objects"/proc/suspect.o -lseccomp $libs
ok "the unit test passes" "$T/unit"
ok "and passes when no callback names what was found" env NEWER_SILENT=1 "$T/unit"

# shellcheck disable=SC2086
$COMPILE -I"$TOP/src" -o "$T/ask" "$TOP/tests/scan/ask.c" $objects/base/*.o \
    "$objects"/core/fail.o "$objects"/core/report.o $runtime >&2 || exit 1
mkdir "$T/db" && cp "$TOP/recipes/signatures"/*.?db "$T/db"
user_dir "$T/tmp"

# ask NAME [WANTS [OPTION...]]: the message through the scanner; the answer in $answer
ask() {
	message=$1 wants=${2-S}
	shift $(($# > 2 ? 2 : $#))
	answer=$(as_user "$T/ask" "$wants" "$T/$message" "$T/scanner" --database "$T/db" \
	    --temp-dir "$T/tmp" "$@" 2>&1)
}

says() {
	printf '%s\n' "$answer" | sed -n "s/^$1: //p" | tr '\n' ' ' | sed 's/ $//'
}

# The test string is split, so that nothing takes this script for it.
python3 - "$T" <<'X2'
import base64, io, sys, zipfile
out = sys.argv[1]
eicar = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STAN" + b"DARD-ANTIVIRUS-TEST-FILE!$H+H*"
encrypted = base64.b64decode("""
UEsDBAoACQAAAKGCdl2GphA2EQAAAAUAAAAFABwAYS50eHRVVAkAA20WA2ttFgNrdXgLAAEEAAAAAAQAAAAAWW525pgUhf/h
XeJDKUO5bLFQSwcIhqYQNhEAAAAFAAAAUEsBAh4DCgAJAAAAoYJ2XYamEDYRAAAABQAAAAUAGAAAAAAAAQAAAKSBAAAAAGEu
dHh0VVQFAANtFgNrdXgLAAEEAAAAAAQAAAAAUEsFBgAAAAABAAEASwAAAGAAAAAAAAA=""")

def packed(*files):
	b = io.BytesIO()
	with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
		for name, data in files:
			z.writestr(name, data)
	return b.getvalue()

def mail(name, *parts):
	with open(f"{out}/{name}", "w") as f:
		f.write('From: a@example.org\nSubject: test\nMIME-Version: 1.0\n'
		    'Content-Type: multipart/mixed; boundary="bnd"\n\n')
		for file, data in parts:
			f.write(f'--bnd\nContent-Type: application/octet-stream\n'
			    'Content-Transfer-Encoding: base64\n'
			    f'Content-Disposition: attachment; filename="{file}"\n\n')
			f.write(base64.encodebytes(data).decode() + "\n")
		f.write("--bnd--\n")

deep = b"deep"
for level in range(8):
	deep = packed((f"{level}.zip", deep))
mail("heuristics", ("h.zip", packed(("enc.zip", encrypted), ("deep.zip", deep))))
mail("clean", ("a.txt", b"nothing\n"))
mail("zipped", ("o.zip", packed(("s/i.zip", packed(("x/evil.com", eicar))), ("p.txt", b"plain"))))
mail("encrypted", ("enc.zip", encrypted))
mail("both", ("enc.zip", encrypted), ("e.com", eicar))
X2
ask clean
is "$(says status),$(says scan:class)" clean, "an ordinary message is clean"
ask zipped
is "$(says status)" infected "malware, zipped twice"
is "$(says scan:name)" "o.zip o.zip/s/i.zip o.zip/p.txt o.zip/i.zip/x/evil.com" "with every name"
like "$(says scan:type)" CL_TYPE_ZIP "and type"
ask encrypted
is "$(says status),$(says scan:class)" "unscannable,encrypted" "an encrypted archive"
ask both
is "$(says status),$(says scan:class)" "infected,encrypted malware" "and malware beside it"
ask heuristics S --max-recursion 6
is "$(says status),$(says scan:class)" "unscannable,encrypted limit" "two heuristics in one object: both are told"
ask zipped MS
is "$(says status)" infected "signatures read late, inside the sandbox"
done_testing
