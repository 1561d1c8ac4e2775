#!/bin/sh
# check.t: bivalvectl check finds what it should in small rcfiles, points at it, and finds nothing in
# the files that are shipped.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"

# finds RULE LINE:COLUMN DESCRIPTION: the rcfile on standard input has this and nothing else
finds() {
	cat >"$T/rc"
	"$B/bivalvectl" check "$T/rc" >"$T/out" 2>&1
	is "$(sed -n 's/^[^ ]*rc:\([0-9]*:[0-9]*\): [a-z]*: .*\[\(.*\)\]$/\2 \1/p' "$T/out" | tr '\n' ' ')" \
	    "${1:+$1 $2 }" "$3" || sed 's/^/# /' "$T/out"
}

# ---- traps, one at a time

finds unquoted 2:8 "a stranger's words in a shell line" <<'X1'
:0 wc
| echo $SENDER | mail -s new me
X1
finds unquoted 2:18 "a stranger's words in a line that is expanded twice" <<'X1'
:0
* $ ! ? grep -q "$SENDER" list
x/
X1
finds unquoted 2:10 "a stranger's words in a program's arguments" <<'X1'
:0 wc
| logger ${SENDER}
X1
finds '' '' "in quotes they are none of the shell's business" <<'X1'
:0 wc
| echo "$SENDER" '$DETAIL' | mail -s new me
X1
finds stranger-in-shell 2:11 "nor with eval around" <<'X1'
:0 wc
| eval "x $DETAIL; y"
X1
finds unquoted 3:8 "what formail took from the message" <<'X1'
FROM=`formail -zxFrom:`
:0 wc
| echo $FROM ; true
X1
finds unquoted 2:3 "an address to forward to" <<'X1'
:0 c
! $SENDER
X1
finds stranger-in-path 3:7 "MATCH that may be anything in a folder's name" <<'X1'
:0
* ^X-List: *\/.*
lists/$MATCH/
X1
finds '' '' "MATCH of letters only" <<'X1'
:0
* ^X-List: *\/[-a-z0-9]+
lists/$MATCH/
X1
finds match-start 2:12 "a backslash that begins the condition" <<'X1'
:0
* ERROR ?? \/[a-z]+
errors/
X1
finds lock-missing 1:1 "an mbox without lock" <<'X1'
:0
* ^Subject: x
folder
X1
finds '' '' "Maildir, MH and nothing need none" <<'X1'
:0 c
* ^Subject: x
folder/
:0 c
* ^Subject: x
folder/.
:0
* ^Subject: x
/dev/null
X1
finds '' '' "nor where LOCKFILE is held" <<'X1'
LOCKFILE=all.lock
:0
* ^Subject: x
folder
X1
finds lock-missing 2:10 "a mailbox made with >>" <<'X1'
:0 w
| cat -  >>box
X1
finds lock-on-block 1:1 "a lock on a block" <<'X1'
:0:
* ^Subject: x
{ A=1 }
X1
finds lock-name 1:1 "a lock that has no name" <<'X1'
:0 w:
* ^Subject: x
| program
X1
finds unreachable 3:1 "a recipe behind an unconditional one" <<'X1'
:0
inbox/
:0
* ^Subject: x
x/
X1
finds '' '' "that fails at times, or copies" <<'X1'
:0 c
inbox/
:0 w
| program
:0
inbox/
:0 e
other/
X1
finds w-missing 1:1 "a filter nobody waits for" <<'X1'
:0 f
| sed s/a/b/
X1
finds w-missing 1:1 "a delivery nobody waits for" <<'X1'
:0
* ^Subject: x
| program
X1
finds f-missing 1:1 "a filter without f" <<'X1'
:0 w
* ^Subject: x
| formail -I "X-Was: here"
X1
finds c-missing 1:1 "an answer without c" <<'X1'
:0 w
* ^Subject: x
| (formail -r; echo gone) | $SENDMAIL -t
X1
finds never 3:3 "sizes that exclude each other" <<'X1'
:0
* > 1000
* < 500
x/
X1
finds never 3:3 "a condition and its opposite" <<'X1'
:0
* ^Subject: x
* ! ^Subject: x
x/
X1
finds never 2:18 "a status that there is not" <<'X1'
:0
* scan:status ?? virus
x/
X1
finds size 2:3 "a < that compares nothing" <<'X1'
:0
* <list@example.org>
x/
X1
finds late 5:18 "scan:status ?? error behind other scan: conditions" <<'X1'
:0
* scan:virus ?? .
@quarantine
:0
* scan:status ?? error
@tag X: y
X1
finds "" "" "but not behind a filter, for what that writes is scanned anew" <<'X1'
:0
* scan:virus ?? .
@quarantine
:0 fw
| /usr/bin/spamc
:0
* scan:status ?? error
@tag X: y
X1
finds bounce 3:1 "a bounce for malware" <<'X1'
:0
* scan:virus ?? .
@reject no
X1
for token in '\d' '\s' '\w' '\b' '\S' '{2,5}' '{3}' '(?i)'; do
	# shellcheck disable=SC1003
	printf ':0\n* ^Subject: a%s\nx/\n' "$token" >"$T/in"
	finds dialect 2:14 "$token is another dialect's" <"$T/in"
done
finds dialect 2:14 "[[:digit:]] is another dialect's" <<'X1'
:0
* ^Subject: [[:digit:]]
x/
X1
finds macro 2:3 "^TO: is no field" <<'X1'
:0
* ^TO:me@example.org
x/
X1
finds macro 2:3 "^TO for an address" <<'X1'
:0
* ^TOme@example.org
x/
X1
finds dollar 3:5 "the value of a variable where its name is meant" <<'X1'
A=`date`
:0
* $ $A ?? x
x/
X1
finds selector 2:3 "a selector with a wrong first part" <<'X1'
:0
* scam:virus ?? .
x/
X1
finds syntax 2:3 "a selector with a wrong second part" <<'X1'
:0
* scan:viruss ?? .
x/
X1
finds syntax 2:3 "a selector without its second part" <<'X1'
:0
* header: ?? x
x/
X1
like "$(cat "$T/out")" '"header:" lacks what belongs behind the colon' "and says so"
finds syntax 2:1 "a verb that there is not" <<'X1'
:0
@quarantin it
X1
finds syntax 3:1 "a verb that lacks its :0" <<'X1'
:0
@tag X-Y: z
@drop
X1
finds verb-text 2:2 "a verb that lacks its text" <<'X1'
:0
@tag
X1
finds verb-text 2:2 "a field that is none" <<'X1'
:0
@tag X-Y
X1
finds expression 2:2 "an expression of @strip that is none" <<'X1'
:0
@strip *.exe
X1
finds star-missing 2:1 "a condition that lacks its star" <<'X1'
:0:
^Subject: x
X1
finds value-cut 1:7 "a value that ends at a blank" <<'X1'
A=one two
X1
finds quote-open 1:1 "a quote that is not closed, and comments behind it" <<'X1'
A="one
# it is closed here"
X1
finds syntax 1:1 "a quote that takes a recipe" <<'X1'
A="one
:0
x/
# it is closed here"
X1
like "$(cat "$T/out")" ' error: .*goes on over a recipe' "which is an error"
finds syntax 1:1 "a quote that takes the rest" <<'X1'
A="one
:0
x/
X1
like "$(cat "$T/out")" ' error: .*missing' "which is one, too"
finds syntax 2:1 "a block that takes the rest" <<'X1'
:0
{
:0
x/
X1
like "$(cat "$T/out")" ' error: .*never closed' "and so is this"
finds shell 1:7 "a shell that reads lines in another way" <<'X1'
SHELL=/bin/tcsh
X1
finds trap-early 1:12 "a TRAP that is expanded too early" <<'X1'
TRAP="echo $LASTFOLDER"
X1
finds '' '' "a TRAP that is not" <<'X1'
TRAP='echo "$LASTFOLDER"'
X1
finds obsolete 1:1 "what changes nothing" <<'X1'
DROPPRIVS=yes
X1
finds umask 1:7 "a UMASK that is no number" <<'X1'
UMASK=rwx
X1
finds obsolete 1:1 "conditions that are counted" <<'X1'
:1
^Subject: x
x/
X1
finds no-chain 1:1 "a chain without a beginning" <<'X1'
:0 A
* ^Subject: x
x/
X1

# ---- how it is said

printf ':0\n* ^Subject: \\d\nx/\n' >"$T/rc"
"$B/bivalvectl" check "$T/rc" >"$T/out"
cat >"$T/want" <<X1
$T/rc:2:13: trap: is the letter d here [dialect]
    * ^Subject: \\d
                ^~
    instead: [0-9]
0 errors, 1 trap, 0 hints.
X1
same "$T/out" "$T/want" "the line, what is meant, what to write"
status 1 "a trap: status 1" "$B/bivalvectl" check "$T/rc"
printf ':0\n@tga x\n' >"$T/rc"
status 2 "an error: status 2" "$B/bivalvectl" check "$T/rc"
: >"$T/rc"
status 0 "nothing: status 0" "$B/bivalvectl" check "$T/rc"
status 75 "no file: status 75" "$B/bivalvectl" check "$T/nosuch"
status 64 "no such option: status 64" "$B/bivalvectl" check --nosuch "$T/rc"

printf ':0\n* ^Subject: \033]0;\\d\342\200\256\nx/\n' >"$T/rc"
"$B/bivalvectl" check "$T/rc" >"$T/out"
not_ok "a file's control bytes do not reach the terminal" grep -q "$(printf '\033')" "$T/out"
"$B/bivalvectl" check --json "$T/rc" >"$T/json"
not_ok "nor in JSON" grep -q "$(printf '\033')" "$T/json"
if command -v python3 >/dev/null; then
	is "$(python3 -c 'import json,sys
for t in json.load(open(sys.argv[1])): print(t["line"], t["column"], t["level"], t["rule"])' "$T/json")" \
	    '2 17 trap dialect' "--json is JSON"
fi

# ---- on a terminal

if command -v script >/dev/null; then
	# shown [NAME=value]: what a terminal gets
	shown() {
		printf ':0\n* ^Subject: \033[31mx\\d\nx/\n' >"$T/rc"
		env -u NO_COLOR TERM=xterm LC_ALL=C.UTF-8 "$@" \
		    script -qec "'$B/bivalvectl' check '$T/rc'" /dev/null </dev/null
	}
	like "$(shown | tr '\033' '@')" '@\[33mtrap@\[0m' "colours on a terminal"
	not_ok "not with NO_COLOR" sh -c 'printf %s "$1" | grep -q "$(printf "\033")"' - \
	    "$(shown NO_COLOR=1)"
	not_ok "and a file's own colours never" sh -c 'printf %s "$1" | grep -qF "$(printf "\033[31mx")"' - \
	    "$(shown)"
else
	skip "on a terminal" "no script(1) here"
fi

# ---- what is shipped has nothing of the kind

# ---- files that include files ----

# says DIRECTORY: RULE FILE:LINE:COLUMN of everything said about the rcfile in that home
says() {
	HOME=$1 "$B/bivalvectl" check "$1/.procmailrc" >"$T/out" 2>&1
	echo $? >"$T/status"
	sed -n "s,^$1/\([^ ]*\): [a-z]*: .*\[\(.*\)\]\$,\2 \1,p" "$T/out" | tr '\n' ' '
}
h=$T/home
mkdir -p "$h/rc"
cat >"$h/.procmailrc" <<'X1'
PMDIR=$HOME/rc
INCLUDERC=$PMDIR/lists.rc
INCLUDERC=rc/gone.rc
INCLUDERC=$PMDIR/open.rc
INCLUDERC=rc/a.rc
:0
* ^X: y
{ INCLUDERC=rc/optional.rc }
INCLUDERC=$MATCH
SWITCHRC=rc/last.rc
:0:
* ^X: z
box
X1
printf ':0\n* ^X: a\nbox\nWHO=$SENDER\n' >"$h/rc/lists.rc"
printf 'INCLUDERC=rc/b.rc\n' >"$h/rc/a.rc"
printf 'INCLUDERC=$HOME/rc/a.rc\n' >"$h/rc/b.rc"
printf ':0 w\n| echo $WHO | x\n' >"$h/rc/last.rc"
: >"$h/rc/open.rc"
chmod 666 "$h/rc/open.rc"
is "$(says "$h")" "include-missing .procmailrc:3:11 include-refused .procmailrc:4:11 \
include-missing .procmailrc:8:13 unreachable .procmailrc:11:1 lock-missing rc/lists.rc:1:1 \
include-loop rc/b.rc:1:1 unquoted rc/last.rc:2:8 " \
    "what is missing, refused, endless, behind; and what the files say, with each other's variables" ||
    sed 's/^/# /' "$T/out"
is "$(cat "$T/status")" 1 "traps in an included file count"
like "$(cat "$T/out")" "hint: $h/rc/optional.rc" "a file that a condition asks for may be missing"
like "$("$B/bivalvectl" check "$h/rc/last.rc" "$h/rc/last.rc")" '^1 file,' "no file is said twice"
printf 'COUNT=${COUNT}x\n:0\n* COUNT ?? ! xxxxx\n{ INCLUDERC=.procmailrc }\n' >"$h/.procmailrc"
is "$(says "$h")" "" "a loop that a condition ends is none"
printf 'INCLUDERC=.procmailrc\nMAILDIR=/nosuch\nSWITCHRC=rc/last.rc\n:0:\nbox\n' >"$h/.procmailrc"
is "$(says "$h")" "include-loop .procmailrc:1:1 include-missing .procmailrc:3:10 " \
    "names count from MAILDIR; what cannot be read does not leave the file"
printf 'SWITCHRC\nA=b\n' >"$h/.procmailrc"
is "$(says "$h")" "unreachable .procmailrc:2:1 " "an empty SWITCHRC leaves the file"
HOME=$h "$B/bivalvectl" check --json "$h/.procmailrc" | tr -d ' \n' >"$T/out"
like "$(cat "$T/out")" '"file":"[^"]*procmailrc","line":2,"column":1,' "and as JSON"

for rc in "$TOP"/recipes/*.rc; do
	ok "${rc##*/}: nothing to say" "$B/bivalvectl" check "$rc"
done

# Debian's examples. What is found there was looked at, and is so.
examples() {
	for rc in /usr/share/doc/procmail/examples/?procmailrc /usr/share/doc/procmail-lib/examples/*.gz \
	    /usr/share/doc/procmail-lib/*/examples/*rc; do
		[ -f "$rc" ] || continue
		case $rc in *.gz) zcat "$rc" ;; *) cat "$rc" ;; esac >"$T/rc"
		"$B/bivalvectl" check -q "$T/rc" |
		    sed -n "s,^$T/rc:\([0-9]*\):.*\[\(.*\)\]\$,${rc##*/}:\1 \2,p"
	done
}
if [ -d /usr/share/doc/procmail-lib/examples ]; then
	# Programs that nobody waits for; a quote that is never closed, and what follows from it; a
	# condition that begins with \/; a folder named by what an included file took from the message.
	cat >"$T/want" <<-'X1'
	2procmailrc:16 w-missing
	3procmailrc:25 w-missing
	procmailrc-example.gz:82 syntax
	procmailrc-example.gz:125 syntax
	general.procmailrc:85 stranger-in-path
	spam-bayesian.procmailrc:44 match-start
	X1
	examples >"$T/got"
	same "$T/got" "$T/want" "no false alarm in Debian's examples"
else
	skip "Debian's examples" "no procmail-lib here"
fi

echo "site_recipes = $T/nosite.rc" >"$T/nosite.conf"
status 75 "site recipes that a configuration names and that are not there" \
    "$B/bivalvectl" check --config "$T/nosite.conf"
done_testing
