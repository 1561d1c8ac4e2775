#!/bin/sh
# together.t: fifty deliveries at once into one mbox, half of them by procmail with the same locks,
# while a mail reader takes messages out; into one Maildir; into one quarantine; into one block list.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need python3
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
procmail=$(command -v procmail) || procmail=
user_dir "$T/home"
user_dir "$T/messages"
{
	printf 'site_recipes =\nquarantine = %s/home/quarantine\nblocklist = %s/home/list/virbl.db\n' \
	    "$T" "$T"
	echo 'blocklist_users = yes'
} >"$T/conf"
number=50

i=0
while [ $i -lt $number ]; do
	{
		printf 'From s%s@example.org Tue Mar 13 10:00:00 2001\nSubject: %s\nX-Addr: 9.9.9.%s\n\n' \
		    $i $i $i
		yes "of message $i" | head -n $((100 + i * 10))
		printf 'end of message %s\n' $i
	} >"$T/messages/$i"
	i=$((i + 1))
done
chmod 644 "$T"/messages/*

# together mixed|alone: all messages at once; prints the numbers of deliveries that failed
cat >"$T/together" <<X
#!/bin/sh
cd "$T/home" || exit 1
kind=\$1
i=0
while [ \$i -lt $number ]; do
	set -- "$B/bivalve" --config "$T/conf"
	if [ \$kind = mixed ] && [ \$((i % 2)) -eq 0 ]; then
		set -- "$procmail"
	fi
	{ "\$@" HOME="$T/home" MAILDIR="$T/home" DEFAULT=nowhere/x ORGMAIL=nowhere/x LOCKSLEEP=1 \\
	    LOGABSTRACT=no SHELL=/bin/sh PATH=/usr/bin:/bin "$T/home/rc" <"$T/messages/\$i" \\
	    2>>"$T/home/said" || echo \$i; } &
	i=\$((i + 1))
done
wait
X

# As mutt does: fcntl, then box.lock without waiting; both are let go if one is not to be had. It
# reads the mailbox, moves every other message to another one, and writes the rest back in its place.
cat >"$T/reader.py" <<'X'
import errno, fcntl, os, random, re, sys, time
box, kept, over = sys.argv[1:]
rounds = 0


def locked(f):
    try:
        fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    try:
        os.close(os.open(box + ".lock", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as e:
        if e.errno != errno.EEXIST:
            raise
        fcntl.lockf(f, fcntl.LOCK_UN)
        return False
    return True


while True:
    last = os.path.exists(over)
    if os.path.exists(box):
        with open(box, "r+b") as f:
            while not locked(f):
                time.sleep(random.uniform(0.001, 0.02))
            messages = [m for m in re.split(rb"(?<=\n\n)(?=From )", f.read()) if m]
            with open(kept, "ab") as k:
                k.write(b"".join(messages[::2]))
            f.seek(0)
            f.truncate()
            f.write(b"".join(messages[1::2]))
            f.flush()
            rounds += len(messages) > 0
            os.unlink(box + ".lock")
    if last:
        break
    time.sleep(0.02)
print("read", rounds > 1)
X
chmod 644 "$T/reader.py"

# what came DIRECTORY-OR-MBOX: "whole N of N" when each message is there once, byte for byte
came() {
	python3 - "$1" "$T/messages" <<'X'
import os, re, sys
where, messages = sys.argv[1:]
def plain(t): return re.sub(rb"\AFrom .*\n", b"", t).rstrip(b"\n")
wanted = sorted(plain(open(f"{messages}/{n}", "rb").read()) for n in os.listdir(messages))
if os.path.isdir(where):
    got = [open(f"{where}/{n}", "rb").read() for n in os.listdir(where) if not n.endswith(".json")]
else:
    got = re.split(rb"(?<=\n\n)(?=From )", open(where, "rb").read())
got = sorted(plain(t) for t in got)
print("whole" if got == wanted else "not whole", len(got), "of", len(wanted))
X
}

# kind NAME MIXED PLACE RECIPE
kind() {
	printf '%b' "$4" >"$T/home/rc"
	chmod 644 "$T/home/rc"
	start=$(date +%s)
	failed=$(as_user sh "$T/together" "$2")
	is "$failed" "" "$1: all deliveries succeed" || diag "$(tail -n 5 "$T/home/said")"
	is "$(came "$T/home/$3")" "whole $number of $number" "$1: each message is there once"
	ok "$1: nobody starves" [ $(($(date +%s) - start)) -lt 120 ]
	is "$(cd "$T/home" && find . -name '*.lock' -o -path './md/tmp/*' -o -name '_*')" "" "$1: nothing is left"
}

if [ -n "$procmail" ]; then
	kind "one mbox, with procmail" mixed box ':0:\nbox\n'
else
	skip "one mbox, with procmail" "no procmail here"
fi
for python in /usr/bin/python3 "$(command -v python3)" ''; do
	[ -z "$python" ] || ! as_user "$python" -c '' 2>/dev/null || break
done
# read_while KIND: the same, while a reader is at the mailbox
read_while() {
	rm -f "$T/home/over"
	as_user "$python" "$T/reader.py" "$T/home/box4" "$T/home/kept" "$T/home/over" >"$T/read" &
	printf ':0:\nbox4\n' >"$T/home/rc"
	is "$(as_user sh "$T/together" "$1")" "" "one mbox, $1, and a reader: all deliveries succeed" ||
	    diag "$(tail -n 5 "$T/home/said")"
	as_user touch "$T/home/over"
	wait $!
	is "$(cat "$T/read")" "read True" "the reader took some out meanwhile"
	cat "$T/home/kept" "$T/home/box4" >"$T/all"
	is "$(came "$T/all")" "whole $number of $number" "each message is there once, read or not"
	rm -f "$T/home/kept" "$T/home/box4"
}
if [ -z "$python" ]; then
	skip "a reader" "no python3 that an ordinary user may run"
else
	[ -z "$procmail" ] || read_while mixed
	read_while alone
fi
kind "one mbox" alone box2 ':0:\nbox2\n'
kind "one Maildir" alone md/new ':0\nmd/\n'
kind "one quarantine" alone quarantine ':0\n@quarantine by policy\n'

if [ -x "$B/bivalve-lookup" ]; then
	as_user mkdir "$T/home/list"
	# shellcheck disable=SC2016
	kind "one block list" alone md4/new ':0\n* ^X-Addr: \\/.*\n@blocklist $MATCH\n\n:0\nmd4/\n'
	as_user "$B/bivalvectl" blocklist list --config "$T/conf" >"$T/listed"
	is "$(sed 's/[[:space:]].*//' "$T/listed" | sort -u | grep -c '^9\.9\.9\.')" $number \
	    "one block list: all addresses are in it" || diag "$(tail -n 5 "$T/home/said" "$T/listed")"
else
	skip "one block list" "bivalve-lookup is not built"
fi
done_testing
