#!/bin/sh
# scan.t: bivalve-scan on messages, and on everything that could make it say "clean" by mistake.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ -x "$B/bivalve-scan" ] || skip_all "bivalve-scan is not built"
need base64
# shellcheck disable=SC2086  # COMPILE and LINK are lists
${COMPILE:-cc -std=gnu11 -D_GNU_SOURCE -I$TOP/src} -I"$TOP/src" -o "$T/ask" \
    "$TOP/tests/scan/ask.c" "$TOP"/src/base/*.c "$TOP/src/core/fail.c" "$TOP/src/core/report.c" \
    >&2 || skip_all "the driver does not compile"

files=/usr/share/clamav-testfiles
signatures=$TOP/recipes/signatures
# Ours, where an ordinary user can read them.
mkdir "$T/db" && cp "$signatures"/*.?db "$T/db"
cp "$B/bivalve-scan" "$T/scanner"
user_dir "$T/tmp"

# Split, so that nothing takes this script for it.
eicar="X5O!P%@AP[4"'\PZX54(P^)7'"CC)7}"'$'"EICAR-STAN"
eicar="${eicar}DARD-ANTIVIRUS-TE"'ST-FILE!$H+H*'

# mail NAME [TYPE]: a message with standard input as an attachment of that name
mail() {
	cat <<X
From: Anna <a@example.org>
To: bob@example.net
Subject: test
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="bnd"

--bnd
Content-Type: text/plain

See attachment.
--bnd
Content-Type: ${2:-application/octet-stream}
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="$1"

X
	base64
	printf '\n--bnd--\n'
}

# ask WANTS MESSAGE OPTION...: the answer in $answer
ask() {
	wants=$1 message=$2
	shift 2
	answer=$(as_user "$T/ask" "$wants" "$message" "$T/scanner" --database "$T/db" \
	    --temp-dir "$T/tmp" "$@" 2>&1)
}

# says KEY: the lines of that key, on one line
says() {
	printf '%s\n' "$answer" | sed -n "s/^$1: //p" | tr '\n' ' ' | sed 's/ $//'
}

verdict() {
	is "$(says status)" "$1" "$2" || diag "$answer"
}

printf '%s' "$eicar" | mail eicar.com >"$T/eicar"
echo hello | mail hello.txt text/plain >"$T/clean"

# ---- signatures that are the digest of a whole file ----
# libclamav takes parts out of the message by itself; what it has seen is not given to it again, but
# for one line break that it takes along and that is not the file's.
digest() {
	printf '%b' "$1" >"$T/file"
	printf '%s:%d:%s\n' "$(md5sum <"$T/file" | cut -d' ' -f1)" "$(wc -c <"$T/file")" "$2"
}
mkdir "$T/digests"
{
	digest 'just these bytes' Test.File
	digest 'just those bytes\n' Test.Inline
} >"$T/digests/test.hdb"
# plain TEXT [FIELD...]: an unencoded part of that text, with a second one behind it
plain() {
	text=$1
	shift
	printf 'From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n'
	printf '\nThis is a multi-part message in MIME format.\n--b\nContent-Type: text/plain\n'
	[ $# -eq 0 ] || printf '%s\n' "$@"
	printf '\n%s\n--b\nContent-Type: text/plain\n\nhello\n--b--\n' "$text"
}
asks_digests() {
	ask S "$1" --database "$T/digests"
}
plain 'just these bytes' 'Content-Disposition: attachment; filename=a.js' >"$T/message"
asks_digests "$T/message"
is "$(says scan:virus)" Test.File.UNOFFICIAL 'a file is looked at as it is, without the line break'
plain "$(printf 'just these bytes' | base64)" 'Content-Transfer-Encoding: base64' >"$T/message"
asks_digests "$T/message"
is "$(says scan:virus)" Test.File.UNOFFICIAL 'and so is one in base64, named or not'
plain 'just those bytes' >"$T/message"
asks_digests "$T/message"
is "$(says scan:virus)" Test.Inline.UNOFFICIAL 'text to be shown is looked at with it'
plain 'just these bytes' 'Content-Type: text/html' >"$T/message"
asks_digests "$T/message"
is "$(says scan:virus)" Test.File.UNOFFICIAL 'in an ambiguous message both ways'
plain 'hello there' 'Content-Disposition: inline; filename=seen.txt' >"$T/message"
asks_digests "$T/message"
verdict clean 'a message that libclamav has seen whole is clean'
like "$(says scan:name)" 'seen[.]txt' 'and its names are listed'

# ---- what it finds, and what it does not ----
ask S "$T/clean"
verdict clean "an ordinary message is clean"
is "$(says scan:virus)$(says scan:class)$(says reason)" "" "and nothing is said about it"
is "$(says 'died')$(says 'exit')" "" "the scanner ends quietly"
ask S "$T/eicar"
verdict infected "the test string in an attachment"
like "$(says scan:virus)" '(^| )Bivalve\.Test\.EICAR' "by name"
is "$(says scan:class)" malware "as malware"
like "$(says scan:finding)" '^malware Bivalve' "as a finding"
is "$(says scan:name)" "eicar.com" "with the attachment's name"
is "$(says mime:type)" "" "an answer to S has no mime lists"
ask M "$T/eicar"
verdict none "an answer to M has no verdict"
is "$(says mime:type)" "multipart/mixed text/plain application/octet-stream" "but the types"
is "$(says mime:name)" "eicar.com" "the names"
is "$(says mime:text)" "See attachment." "and the text"
is "$(says mime:defect)" "" "and no defect"
ask MS "$T/eicar"
verdict infected "a scan may follow"
is "$(says mime:name)" "eicar.com" "and adds to what was there"
ask SMSM "$T/eicar"
verdict infected "in any order, any number of times"
: >"$T/empty"
ask MS "$T/empty"
verdict clean "an empty message"

# ---- archives ----
# As an MTA hands it over. libclamav would take the paragraph for the next message of an mbox.
for line in 'Return-Path: <a@example.org>' 'X-Line: none'; do
	{
		printf 'From a@example.org  Mon Nov 30 13:16:53 2026\n%s\n' "$line"
		sed 's/^See attachment.$/See it.\n\nFrom here on nothing.\n/' "$T/eicar"
	} >"$T/mbox"
	ask S "$T/mbox"
	verdict infected "behind a paragraph that begins with From, and ${line%%:*}"
done
for sender in a@example.org b@example.org; do
	{
		printf 'From %s BIVALVE-TEST-SIGNATURE-%s or so\n' "$sender" ANY-4711
		printf 'Return-Path: <a@example.org>\n'
		cat "$T/clean"
	} >"$T/mbox"
	ask S "$T/mbox"
	verdict infected "in a From_ line that no MTA has written, with $sender"
done
if command -v python3 >/dev/null; then
	printf '%s' "$eicar" | python3 -c '
import io, sys, zipfile
def z(*files):
	b = io.BytesIO()
	with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as f:
		for name, data in files: f.writestr(name, data)
	return b.getvalue()
e = sys.stdin.buffer.read()
sys.stdout.buffer.write(z(("sub/inner.zip", z(("x/evil.com", e))), ("plain.txt", b"plain text here")))
' | mail outer.zip >"$T/zipped"
	ask S "$T/zipped"
	verdict infected "zipped twice"
	is "$(says scan:name)" \
	    "outer.zip outer.zip/sub/inner.zip outer.zip/plain.txt outer.zip/inner.zip/x/evil.com" \
	    "every name on the way"
	like "$(says scan:type)" CL_TYPE_ZIP "the types by content"
	# The same name in each form that mail knows, and names inside of an archive.
	python3 -c '
import base64, io, sys, zipfile
b = io.BytesIO()
with zipfile.ZipFile(b, "w") as f:
	for name in "a.txt", "d/\u65e5\u672c.txt": f.writestr(name, "text of " + name)
for n, name in enumerate((
    b"filename=\"=?utf-8?q?gr=C3=B6=C3=9Fe.zip?=\"", b"filename=\"=?iso-8859-1?q?gr=F6=DFe.zip?=\"",
    b"filename*=utf-8\x27\x27gr%C3%B6%C3%9Fe.zip", b"filename*=iso-8859-1\x27\x27gr%F6%DFe.zip",
    b"filename*0*=utf-8\x27\x27gr%C3%B6; filename*1*=%C3%9Fe.zip",
    b"filename=\"gr\xc3\xb6\xc3\x9fe.zip\"", b"filename=\"gr\xf6\xdfe.zip\"")):
	with open("%s/name%d" % (sys.argv[1], n), "wb") as f:
		f.write(b"From: a@example.org\nMIME-Version: 1.0\n"
		    b"Content-Type: application/zip\nContent-Transfer-Encoding: base64\n"
		    b"Content-Disposition: attachment; " + name + b"\n\n" +
		    base64.encodebytes(b.getvalue()))
' "$T"
	for n in 0 1 2 3 4 5 6; do
		ask S "$T/name$n"
		is "$(says scan:name)" "größe.zip größe.zip/a.txt größe.zip/d/日本.txt" \
		    "the real name, and what is below it: $(sed -n 's/.*\(filename.*\)/\1/p' "$T/name$n" |
			tr -d '\200-\377"')"
	done
	ask S "$T/zipped" --max-recursion 2
	like "$(says scan:class)" limit "too few levels: a limit"
	verdict unscannable "and not clean"
	python3 -c 'import sys; sys.stdout.write("\0" * 5000000)' | gzip | mail big.gz >"$T/bomb"
	ask S "$T/bomb" --max-scan-size 1
	verdict unscannable "more unpacked than max_scan_size"
	is "$(says scan:class)" limit "is a limit"
	ask S "$T/bomb"
	verdict clean "and clean with more room"
else
	skip "archives" "no python3 here"
fi
base64 -d >"$T/enc.zip" <<'X'
UEsDBAoACQAAAKGCdl2GphA2EQAAAAUAAAAFABwAYS50eHRVVAkAA20WA2ttFgNrdXgLAAEEAAAA
AAQAAAAAWW525pgUhf/hXeJDKUO5bLFQSwcIhqYQNhEAAAAFAAAAUEsBAh4DCgAJAAAAoYJ2XYam
EDYRAAAABQAAAAUAGAAAAAAAAQAAAKSBAAAAAGEudHh0VVQFAANtFgNrdXgLAAEEAAAAAAQAAAAA
UEsFBgAAAAABAAEASwAAAGAAAAAAAA==
X
mail enc.zip <"$T/enc.zip" >"$T/encrypted"
# What would overrun the stack of the MIME parser, with something bad behind it.
{
	printf 'To: '
	awk 'BEGIN { for (i = 0; i < 100000; i++) printf "a:" }'
	echo
} >"$T/groups"
cat "$T/groups" "$T/clean" >"$T/heavy"
ask MS "$T/heavy"
verdict unscannable "a header that the MIME parser cannot bear"
is "$(says scan:finding)" "limit Bivalve.MaxParts" "is a limit"
like "$(says mime:defect)" too-many-parts "and a defect"
cat "$T/groups" "$T/eicar" >"$T/heavy"
ask S "$T/heavy"
verdict infected "which hides nothing from the scan of the whole"
ask S "$T/encrypted"
verdict unscannable "an encrypted archive"
is "$(says scan:class)" encrypted "has its own class"
is "$(says scan:virus)" "" "and is no virus"
like "$(says scan:name)" 'enc\.zip/a\.txt' "its names can be read"
{
	sed '$d' "$T/encrypted"
	sed -n '/^--bnd$/,$p' "$T/eicar"
} >"$T/both"
ask S "$T/both"
verdict infected "an encrypted archive does not hide malware beside it"
is "$(printf "%s\n" "$answer" | grep -c "^scan:class: ")" 2 "both are told"

if command -v python3 >/dev/null; then
	python3 -c '
import io, sys, zipfile
def z(*files):
	b = io.BytesIO()
	with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as f:
		for name, data in files: f.writestr(name, data)
	return b.getvalue()
deep = b"deep"
for level in range(8): deep = z(("deep.zip", deep))
sys.stdout.buffer.write(z(("enc.zip", sys.stdin.buffer.read()), ("deep.zip", deep)))
' <"$T/enc.zip" | mail two.zip >"$T/two"
	ask S "$T/two" --max-recursion 6
	# libclamav tells them in no order.
	is "$(says status),$(says scan:class | tr ' ' '\n' | sort | xargs)" "unscannable,encrypted limit" \
	    "two heuristics in one object: both are told"
else
	skip "two heuristics in one object" "no python3 here"
fi

if [ -d "$files" ]; then
	for f in "$files"/*; do
		name=${f##*/}
		mail "$name" <"$f" >"$T/mail"
		ask S "$T/mail"
		like "$(says scan:virus)" 'Bivalve\.Test\.' "$name" || diag "$answer"
	done
else
	skip "clamav-testfiles" "not installed"
fi

# ---- limits ----
head -c 1500000 /dev/zero | mail zeros >"$T/large"
ask S "$T/large" --max-file-size 1
verdict unscannable "larger than max_file_size"
like "$(says reason)" 'max_file_size' "which is named"
is "$(says scan:class)" limit "and a limit"
ask S "$T/large" --max-file-size 5
verdict clean "and clean below it"

# ---- no verdict: always an error, never clean ----
mkdir "$T/none"
ask S "$T/eicar" --database "$T/none"
verdict error "an empty signature directory"
like "$(says reason)" "$T/none.*freshclam" "named, with a remedy"
ask S "$T/eicar" --database "$T/nosuch"
verdict error "no signature directory"
ask MS "$T/eicar" --database "$T/nosuch"
is "$(says status),$(says mime:name)" "error,eicar.com" "parsing still works"
ask SM "$T/eicar" --database "$T/nosuch"
is "$(says mime:name)" "eicar.com" "afterwards, too"
mkdir "$T/broken" && cp "$T"/db/* "$T/broken" && echo "Broken:0:*:zz" >"$T/broken/x.ndb"
ask S "$T/eicar" --database "$T/broken"
verdict error "a broken signature file"
ask MS "$T/eicar" --database "$T/broken"
verdict error "also when it is loaded late"
mkdir "$T/closed" && cp "$T"/db/* "$T/closed" && chmod 000 "$T/closed"/*.ndb
ask S "$T/eicar" --database "$T/closed"
verdict error "a signature file that may not be read"
like "$answer" 'ndb cannot be read by uid' "is named"
if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 700 "$T/closed"
	ask S "$T/eicar" --database "$T/closed"
	verdict error "unreadable signatures"
	ask S "$T/eicar" --temp-dir "$T/closed"
	verdict error "a temporary directory that cannot be written"
	like "$(says reason)" "$T/closed" "is named"
	ask M "$T/eicar" --temp-dir "$T/closed"
	is "$(says mime:name)" "eicar.com" "and parsing needs none"
	mkdir "$T/small"
	if mount -t tmpfs -o size=12m,mode=1777 tmpfs "$T/small" 2>/dev/null; then
		trap 'umount "$T/small" 2>/dev/null; rm -rf "$T"' EXIT
		ask S "$T/eicar" --temp-dir "$T/small"
		verdict infected "a small temporary file system"
		head -c 9000000 /dev/zero >"$T/small/x"
		ask S "$T/clean" --temp-dir "$T/small"
		verdict error "too little room there"
		head -c 9000000 /dev/zero >>"$T/small/x" 2>/dev/null
		ask S "$T/clean" --temp-dir "$T/small"
		verdict error "no room there"
		rm "$T/small/x"
		head -c 20000000 /dev/zero | gzip | mail zeros.gz >"$T/fills"
		ask S "$T/fills" --temp-dir "$T/small"
		verdict error "it fills up while scanning"
		# A mail inside an archive: libclamav does not look whether its parts were written.
		{ yes 'A line of text.' | head -c 14000000; printf '%s\n' "$eicar"; } |
		    mail long.txt text/plain | gzip | mail mail.gz >"$T/fills"
		ask S "$T/fills" --temp-dir "$T/small"
		verdict error "and where libclamav does not notice"
		ask S "$T/fills"
		verdict infected "what was in there"
		umount "$T/small"
	else
		skip "a full temporary file system" "no mount here"
	fi
	answer=$("$T/ask" S "$T/eicar" "$T/scanner" --database "$T/db" --temp-dir "$T/tmp" 2>&1)
	is "$(says exit)" 75 "root is refused"
else
	skip "directories of others, a full file system, root" "not root"
fi
yes 'A line of text.' | head -c 45000000 | mail long.txt text/plain | gzip | mail mail.gz >"$T/slow"
ask S "$T/slow" --timeout 1
verdict error "out of time"
like "$(says reason)" scan_timeout "which is named"
answer=$(as_user "$T/ask" -k 0 S "$T/eicar" "$T/scanner" --database "$T/db" \
    --temp-dir "$T/tmp" 2>&1)
verdict none "a scanner killed at once"
answer=$(as_user "$T/ask" -k 15 S "$T/large" "$T/scanner" --database "$T/db" \
    --temp-dir "$T/tmp" 2>&1)
is "$(says died)" 9 "one killed while it scans"
is "$(says status)" none "has given no verdict"
is "$(find "$T/tmp" -mindepth 1)" "" "nothing is left in the temporary directory"

# ---- a kernel without Landlock: the scan goes on, but not in silence ----
if [ -z "${SAN-}" ] && command -v gcc >/dev/null; then
	cat >"$T/old.c" <<'X'
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>
long syscall(long n, ...)
{
	long a[6], (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	va_list ap;
	if (n == SYS_landlock_create_ruleset) { errno = ENOSYS; return -1; }
	va_start(ap, n);
	for (int i = 0; i < 6; i++) a[i] = va_arg(ap, long);
	va_end(ap);
	return real(n, a[0], a[1], a[2], a[3], a[4], a[5]);
}
X
	gcc -D_GNU_SOURCE -shared -fPIC -o "$T/old.so" "$T/old.c"
	printf '#!/bin/sh\nLD_PRELOAD=%s exec %s "$@"\n' "$T/old.so" "$T/scanner" >"$T/oldscanner"
	chmod 755 "$T/oldscanner"
	answer=$(as_user "$T/ask" SS "$T/clean" "$T/oldscanner" --database "$T/db" --temp-dir "$T/tmp" 2>&1)
	verdict clean "without Landlock"
	is "$(printf '%s\n' "$answer" | grep -c 'no Landlock')" 1 "the log says what is missing, once"
	ask S "$T/clean"
	not_ok "and does not where it is there" sh -c 'printf "%s\n" "$1" | grep "no Landlock"' sh "$answer"
else
	skip "without Landlock" "no gcc, or a sanitizer whose library must come first"
fi

status 64 "unknown options are refused" as_user "$T/scanner" --nosuch
status 64 "arguments are refused" as_user "$T/scanner" message
status 64 "values are checked" as_user "$T/scanner" --timeout 0

done_testing
