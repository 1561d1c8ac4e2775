#!/bin/sh
# together.t: fifty deliveries at once into one mbox, half of them by procmail with the same locks;
# into one Maildir; into one quarantine.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need python3
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
procmail=$(command -v procmail) || procmail=
user_dir "$T/home"
user_dir "$T/messages"
printf 'site_recipes =\nquarantine = %s/home/quarantine\n' "$T" >"$T/conf"
number=50

i=0
while [ $i -lt $number ]; do
	{
		printf 'From s%s@example.org Tue Mar 13 10:00:00 2001\nSubject: %s\n\n' $i $i
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
	ok "$1: within 20 seconds" [ $(($(date +%s) - start)) -lt 20 ]
	is "$(cd "$T/home" && find . -name '*.lock' -o -path './md/tmp/*' -o -name '_*')" "" "$1: nothing is left"
}

if [ -n "$procmail" ]; then
	kind "one mbox, with procmail" mixed box ':0:\nbox\n'
else
	skip "one mbox, with procmail" "no procmail here"
fi
kind "one mbox" alone box2 ':0:\nbox2\n'
kind "one Maildir" alone md/new ':0\nmd/\n'
kind "one quarantine" alone quarantine ':0\n@quarantine by policy\n'
done_testing
