#!/bin/sh
# explain.t: bivalvectl explain says what a delivery would do, and does nothing of it.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"

user_dir "$T/home"
cat >"$T/conf" <<X1
site_recipes =
database = $TOP/recipes/signatures
X1
cp -R "$TOP/recipes/signatures" "$T/signatures"
sed -i "s,^database.*,database = $T/signatures," "$T/conf"
printf 'From a@example.org Tue Mar 13 10:00:00 2001\nFrom: a\nSubject: hello \033[31m\n\nbody\n' >"$T/msg"

# explain ARGUMENT...: as an ordinary user, output in $T/out and $T/err
explain() {
	(cd "$T/home" && as_user env -i PATH="$PATH" LC_ALL=C "$B/bivalvectl" explain --config "$T/conf" \
	    "$@" HOME="$T/home" DEFAULT="$T/home/inbox" ORGMAIL="$T/home/inbox") >"$T/out" 2>"$T/err"
}
rc() {
	cat >"$T/home/rc"
	chmod 644 "$T/home/rc"
}
result() {
	sed -n 's/^Result: //p' "$T/out"
}

rc <<'X1'
LOGFILE=log
A=`touch ran`
:0 c
* ^Subject: \/h.*
{
	:0
	* B ?? body
	copy/
}
:0
* 1^1 ^From
* $ -5^0 ^Subject:$A
x/
:0 f
| cat >ran
:0
* ? touch ran
y/
:0:
* ! A ?? .
box
X1
explain --rc "$T/home/rc" "$T/msg"
is $? 0 "explained"
sed "s,$T/home/,," "$T/out" >"$T/out2"
cat >"$T/want" <<'X1'
        not started: touch ran
rc:3 holds
    yes ^Subject: \/h.*
        found in Subject: hello \x1b[31m
        MATCH is hello \x1b[31m
    -> a copy goes through the block:
    | rc:6 holds
    |     yes B ?? body
    |         found in body
    |     -> maildir copy/
rc:10 does not hold
    yes 1^1 ^From
        found in From a@example.org Tue Mar 13 10:00:00 2001
        score 2
    yes $ -5^0 ^Subject:$A
        is -5^0 ^Subject:
        found in Subject: hello \x1b[31m
        score -3
rc:14 holds
        not started: cat >ran
        not started: touch ran
rc:16 does not hold
    no  ? touch ran
        looked at exit status 1
rc:19 holds
    yes ! A ?? .
    -> mbox box
Result: delivered: box (exit status 0)
Assumed: what programs would say that were not started; see --run-programs.
X1
same "$T/out2" "$T/want" "each recipe, each condition, and where it goes"
is "$(ls "$T/home")" "rc" "nothing was written, no program was started"

explain --run-programs --rc "$T/home/rc" "$T/msg"
ok "--run-programs starts them" test -e "$T/home/ran"
like "$(cat "$T/out")" 'y/ \(exit status 0\)' "and their word counts"
rm -f "$T/home/ran"

rc <<'X1'
:0
* scan:virus ?? .
@quarantine $VIRUS
:0
@tag X-A: b
:0
* ^X-A: b
nowhere/at/all/
:0
* header:From ?? a
/dev/null
X1
explain --no-scan --rc "$T/home/rc" "$T/msg"
is "$(result)" "delivered: /dev/null (exit status 0)" "verbs change what later recipes see; what cannot be is passed over"
like "$(cat "$T/out")" 'fails: maildir nowhere' "and said"
if [ -x "$B/bivalve-scan" ]; then
	# shellcheck source=tests/demo/samples.sh
	. "$TOP/tests/demo/samples.sh"
	mkdir "$T/a"
	samples_attachments "$T/a"
	virus=$(for m in "$TOP"/tests/demo/messages/*.eml; do
		samples_message "$m" "$T/a" >"$T/virus"
		explain --rc "$T/home/rc" "$T/virus"
		result
	done | grep -c '^quarantined: @quarantine ')
	ok "a message is scanned, and not quarantined" test "$virus" -gt 0
	explain --rc "$T/home/rc" "$T/msg"
	is "$(result)" "delivered: /dev/null (exit status 0)" "a clean one goes on"
else
	skip "scanning" "no bivalve-scan was built"
fi
sed -i 's,^database.*,database = /nonexistent,' "$T/conf"
explain --rc "$T/home/rc" "$T/msg"
like "$(result)" '^not scanned: .*exit status 75' "a scan that cannot be done defers, as in a delivery"
like "$(cat "$T/out")" 'scan:virus' "and the condition that asked is shown"

explain --json --no-scan --rc "$T/home/rc" "$T/msg"
not_ok "no control byte in JSON" grep -q "$(printf '\033')" "$T/out"
explain --rc "$T/home/rc" "$T/nosuch"
is $? 75 "no such message"
explain --rc "$T/home/rc"
is $? 64 "no message at all"
if [ "$(id -u)" -eq 0 ]; then
	"$B/bivalvectl" explain --config "$T/conf" "$T/msg" 2>"$T/err"
	is $? 64 "root must name a user"
	"$B/bivalvectl" explain --config "$T/conf" -u root "$T/msg" 2>"$T/err"
	is $? 64 "and not himself"
	explain -u root "$T/msg"
	is $? 64 "others cannot ask for others"
	rc <<-'X1'
	A=`id -u`
	:0
	uid-$A/
	X1
	"$B/bivalvectl" explain --run-programs --config "$T/conf" -u nobody --rc "$T/home/rc" "$T/msg" \
	    MAILDIR="$T/home" >"$T/out"
	is "$(result)" "delivered: uid-$(id -u nobody)/ (exit status 0)" "root's question runs with the user's rights"
fi

if command -v python3 >/dev/null && [ -z "${SAN-}" ]; then
	mkdir "$T/programs" && cp "$B/bivalve" "$B/bivalvectl" "$T/programs/"
	ok "the recorded cases without programs: explained as they are delivered" \
	    "$TOP/tests/tools/explain-compat" "$T/programs"
else
	skip "the recorded cases" "no python3 here, or sanitizers"
fi
rc <<'X1'
:0
* ^Subject:.*(nosuch|\
     neither|\
	hello)
joined/
X1
explain --rc rc "$T/msg"
like "$(cat "$T/out")" '^    yes \^Subject:\.\*\(nosuch\|neither\|hello\)$' "a condition over several lines reads as one"
rc <<'X1'
:0
@strip [.exe
X1
explain --rc rc "$T/msg"
like "$(cat "$T/out")" '^    message not changed by @strip' "a verb that fails has changed nothing"
like "$(result)" '^deferred: .*rc:1: @strip' "and the mail waits"
rc <<'X1'
:0
@blocklist
X1
explain --rc rc -c 192.0.2.1 "$T/msg"
like "$(cat "$T/out")" '^    the client to be listed by @blocklist$' "@blocklist changes no message"
done_testing
