#!/bin/sh
# exec.t: bivalve as a person or a program starts it: options, configuration, bad input, faults.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
user_dir "$T/home"
cat >"$T/msg" <<'X'
From a@example.org Tue Mar 13 10:00:00 2001
Return-Path: <a@example.org>
From: Anna <a@example.org>
To: bob@example.net
Subject: Hello

Body
X
: >"$T/empty.conf"
cat >"$T/site.conf" <<X
site_recipes = $T/site.rc
database = $T/nosuch
X
: >"$T/site.rc"

# bivalve ARGUMENT...: as an ordinary user in $T/home, message on standard input, nothing of the
# site's; standard output and error in $T/out and $T/err
bivalve() {
	(cd "$T/home" && as_user env -i PATH="$PATH" "$B/bivalve" "${option:--Y}" HOME="$T/home" \
	    DEFAULT="$T/home/inbox" ORGMAIL="$T/home/orgmail" SHELL=/bin/sh "$@") \
	    >"$T/out" 2>"$T/err"
}

# with CONFIG ARGUMENT...
with() {
	conf=$1
	shift
	(cd "$T/home" && as_user env -i PATH="$PATH" "$B/bivalve" --config "$conf" HOME="$T/home" \
	    DEFAULT="$T/home/inbox" ORGMAIL="$T/home/orgmail" SHELL=/bin/sh "$@") \
	    >"$T/out" 2>"$T/err"
}

rc() {
	cat >"$T/home/rc"
	chmod 644 "$T/home/rc"
}

fresh() {
	rm -rf "${T:?}/home"
	user_dir "$T/home"
}

# ---- plain delivery
fresh
bivalve <"$T/msg"
is $? 0 "no rcfile: delivered"
is "$(grep -c '^From a@example.org' "$T/home/inbox")" 1 "and it is in DEFAULT"
is "$(wc -c <"$T/out")" 0 "standard output is quiet"

fresh
printf 'Subject: from a file\n\nx\n' >"$T/plain"
bivalve <"$T/plain"
is $? 0 "input from a file"
sed "" "$T/plain" | bivalve
is $? 0 "input from a pipe"

fresh
bivalve </dev/null
is $? 0 "an empty message is delivered"

# ---- bad input: a clear error, or delivery; never a crash, never a loss
fresh
i=0
bad=0
while [ $i -lt 40 ]; do
	head -c $((i * 37 + 1)) /dev/urandom >"$T/random"
	rm -f "$T/home/inbox"
	bivalve <"$T/random" || bad=1
	[ "$(wc -c <"$T/home/inbox")" -ge $((i * 37 + 1)) ] || bad=2
	i=$((i + 1))
done
is $bad 0 "messages of random bytes are delivered whole"

fresh
i=0
bad=0
while [ $i -lt 60 ]; do
	head -c $((i * 19 + 1)) /dev/urandom | tr -d '|`!' | rc
	bivalve "$T/home/rc" <"$T/msg"
	case $? in 0 | 73 | 75) ;; *) bad=$? ;; esac
	i=$((i + 1))
done
is $bad 0 "rcfiles of random bytes do no harm"

fresh
i=0
bad=0
while [ $i -lt 40 ]; do
	# The letter first: bytes that begin with "#" are a comment, and no error.
	{ printf x && head -c $((i * 19 + 10)) /dev/urandom; } >"$T/random.conf"
	chmod 644 "$T/random.conf"
	with "$T/random.conf" <"$T/msg"
	[ $? -eq 75 ] || bad=1
	grep -q "random.conf:[0-9]*: " "$T/err" || bad=2
	i=$((i + 1))
done
is $bad 0 "configurations of random bytes: deferred, with file and line"

fresh
printf 'spool_dir = %s\nspool_memory = 4\nsite_recipes =\n' "$T/nospool" >"$T/nospool.conf"
{ cat "$T/msg"; head -c 9000 /dev/zero | tr '\0' 'x'; } >"$T/nine"
with "$T/nospool.conf" <"$T/nine"
is $? 75 "no place for a large message: deferred"
like "$(cat "$T/err")" 'spool_dir in bivalve.conf' "and the key is named"

if [ ! -e /etc/bivalverc ]; then
	fresh
	echo 'site_recipes = /etc/bivalverc' >"$T/named.conf"
	with "$T/named.conf" <"$T/msg"
	is $? 75 "site recipes that a configuration names and that are not there: deferred"
	like "$(cat "$T/err")" '/etc/bivalverc cannot be read' "and named"
	with "$T/empty.conf" <"$T/msg"
	is $? 0 "where none names them, they need not be there"
else
	skip "site recipes that are not there" "they are"
fi

fresh
rc <<'X'
:0
* ^Subject: Hello
@quarantin now
X
bivalve "$T/home/rc" <"$T/msg"
is $? 75 "an unknown verb: deferred, what it was to do is not known"
like "$(cat "$T/err")" 'rc:[0-9]+: .*quarantine' "and is complained about with file, line and remedy"

rc <<'X'
:0
* ^Subject: Hello
@blocklist
:0
box
X
bivalve "$T/home/rc" <"$T/msg"
is $? 0 "a verb that only notes something is passed over when it is missing"

# a stranger chooses how long the Subject is; LINEBUF must not keep a verb from being done
{ printf 'Subject: '; head -c 5000 /dev/zero | tr '\0' x; printf '\n\nx\n'; } >"$T/long"
rc <<'X'
:0
* ^Subject:\/.*
@drop $MATCH
X
rm -f "$T/home/inbox"
bivalve "$T/home/rc" <"$T/long"
not_ok "a long text does not keep a verb from being done" test -e "$T/home/inbox"
{ printf ':0\n@drop '; head -c 5000 /dev/zero | tr '\0' x; echo; } | rc
bivalve "$T/home/rc" <"$T/long"
not_ok "nor does one that is long as it is written" test -e "$T/home/inbox"
for where in site.rc home/rc; do
	printf ':0\n@tag X-Long: `sed -n "s/^Subject: //p"`\n:0\nbox\n' >"$T/$where"
	rm -f "$T/home/box"
	with "$T/site.conf" ./rc <"$T/long"
	is "$? $(grep -o x "$T/home/box" | wc -l)" "0 10001" "nor is one that a program writes cut: $where"
	: >"$T/$where"
done

# a Content-Length that a verb takes away tells no mailbox any more what need not be quoted
fresh
printf 'Subject: a\nContent-Length: 99\n\nx\n\nFrom b@example.org Tue Mar 13 10:00:00 2001\nSubject: b\n\ny\n' \
    >"$T/two"
printf ':0\n@remove Content-Length\n' | rc
option=-t bivalve "$T/home/rc" <"$T/two"
is "$? $(grep -c '^>From b@' "$T/home/inbox")" "0 1" "without it a From_ line in the text is quoted"
printf ':0\n@tag Content-Length: 2\n' | rc
option=-t bivalve "$T/home/rc" <"$T/two"
is "$? $(sed -n 's/^Content-Length: *//p' "$T/home/inbox")" "0 61" "with another it is made true"

# ---- a stranger's words behind a $ are expanded to, not once more
for subject in '1`touch pwned`' '$ `touch pwned`' '! $ `touch pwned`' '1 ?? $ `touch pwned`'; do
	printf 'Subject: %s\n\nx\n' "$subject" >"$T/evil"
	fresh
	rc <<-'X'
	:0
	* ^Subject: \/.*
	{ KEY=$MATCH }
	:0
	* $ map:text:rc $KEY ?? .
	{ }
	:0
	* $ header:$KEY ?? .
	{ }
	:0
	* $ > $KEY
	{ }
	:0
	* $ B ?? $KEY
	{ }
	:0
	* $ $KEY
	{ }
	X
	bivalve ./rc <"$T/evil"
	is "$? $(ls "$T/home")" "0 inbox
rc" "no command of the sender's is run: $subject"
done
fresh
rc <<'X'
A=10
B='$ > $A'
:0
* $ $B
written
X
bivalve ./rc <"$T/msg"
ok "what the rcfile says is expanded twice, as in procmail" test -s "$T/home/written"

# ---- which rcfile
fresh
printf ':0\nnew\n' >"$T/home/.bivalverc"
printf ':0\nold\n' >"$T/home/.procmailrc"
[ "$(id -u)" -ne 0 ] || chown "$tap_user" "$T/home"/.*rc
bivalve <"$T/msg"
is "$? $(ls "$T/home")" "0 new" ".bivalverc goes before .procmailrc"
rm "$T/home/new"
chmod o+w "$T/home/.bivalverc"
bivalve <"$T/msg"
is "$? $(ls "$T/home")" "0 inbox" "one that may not be read is not replaced by it"
rm -f "$T/home/inbox" "$T/home/.bivalverc"
bivalve <"$T/msg"
is "$? $(ls "$T/home")" "0 old" "where there is none .procmailrc is read"

# ---- the envelope: one form for each thing, however the MTA says it
fresh
rc <<'X'
LOG="$SENDER $CLIENT
"
:0
* envelope:from ?? ^^a@example\.org$^^
* envelope:client ?? ^^2001:db8::9$^^
box
X
for client in IPv6:2001:DB8:0:0:0:0:0:9 2001:db8::9; do
	rm -f "$T/home/box"
	(cd "$T/home" && as_user env -i PATH="$PATH" "$B/bivalve" -f - -c "$client" HOME="$T/home" \
	    DEFAULT="$T/home/inbox" ./rc) <"$T/msg" >"$T/out" 2>"$T/err"
	is "$(head -n 1 "$T/err")" 'a@example.org 2001:db8::9' "-f - and -c $client are understood"
	ok "and selectors see it so" test -s "$T/home/box"
done

# ---- the log line: nobody but us says how a delivery ended
fresh
rc <<'X'
:0
* ^Subject:\/.*
"$MATCH"
X
# line WORDS-OF-THE-SENDER SUBJECT: how often a key is there
line() {
	printf 'Subject:%s\n\nx\n' "$2" >"$T/forger"
	(cd "$T/home" && as_user env -i PATH="$PATH" "$B/bivalve" --verbose -f "$1" HOME="$T/home" \
	    MAILDIR="$T/home" LOGABSTRACT=no SHELL=/bin/sh "$T/home/rc") <"$T/forger" 2>"$T/err" >"$T/out"
	grep 'from=<' "$T/err" | grep -o " $3=" | wc -l
}
is "$(line 'a> outcome=dropped exit=9 <b' box outcome)" 1 "a sender cannot forge an outcome"
is "$(line 'a> to=<eve> client=127.0.0.1' box to)" 1 "nor a recipient"
is "$(line a 'x outcome=dropped why=no' outcome)" 1 "nor can a folder's name"
is "$(line "$(head -c 3000 /dev/zero | tr '\0' x)" box exit)" 1 "nor a long one push it off the line"

# ---- faults of ours end in 75
fresh
rc <<'X'
:0
* scan:virus ?? .
infected
X
with "$T/site.conf" "$T/home/rc" <"$T/msg"
is $? 75 "a scan that cannot be done: deferred"
like "$(cat "$T/err")" 'nosuch' "the log names the directory"
not_ok "and nothing is delivered" test -e "$T/home/inbox"

rc <<'X'
:0
* scan:status ?? ^infected
infected
X
with "$T/site.conf" "$T/home/rc" <"$T/msg"
is $? 75 "scan:status ?? infected does not decide about error"

rc <<'X'
:0
* ! scan:status ?? ^infected
fine
X
with "$T/site.conf" "$T/home/rc" <"$T/msg"
is $? 75 "nor does the negation of infected"

# filter ARGUMENT...: as with -m, without a folder that could be the next best
filter() {
	(cd "$T/home" && as_user env -i PATH="$PATH" "$B/bivalve" --config "$T/site.conf" -m \
	    HOME="$T/home" "$@") >"$T/out" 2>"$T/err"
}
rc <<'X'
:0
* scan:status ?? ^clean
|
X
filter ./rc <"$T/msg"
is $? 75 "with -m, where nothing else can take it: deferred, and not said to have no mailbox"
like "$(cat "$T/err")" 'outcome="?not scanned' "and the log says that it was not scanned"

rc <<'X'
:0
* scan:status ?? ^error$
unscanned
X
with "$T/site.conf" "$T/home/rc" <"$T/msg"
is $? 0 "a recipe that tests for error decides"
ok "and delivers where it says" test -s "$T/home/unscanned"

printf 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n' >"$T/open"
rc <<'X'
:0
* scan:status ?? ^error$
{ }
:0
@flatten
:0
flat
X
if [ -x "$B/bivalve-scan" ]; then
	with "$T/site.conf" "$T/home/rc" <"$T/open"
	is "$? $(grep -c '^--.*--$' "$T/home/flat" 2>&1)" "0 1" "what it lets go on can be flattened"
else
	skip "what it lets go on can be flattened" "bivalve-scan is not built"
fi
rm -f "$T/home/inbox"
rc <<'X'
:0
* scan:status ?? ^error$
* ^Subject: Something else
unscanned
X
with "$T/site.conf" "$T/home/rc" <"$T/msg"
is $? 75 "it decides about the mail for which it holds"
not_ok "and lets no other pass" test -e "$T/home/inbox"

# a decision about one message is none about what a filter makes of it
fresh
user_dir "$T/home/db"
cp "$TOP"/recipes/signatures/*.?db "$T/home/db"
sed "s,^database.*,database = $T/home/db," "$T/site.conf" >"$T/filter.conf"
[ "$(id -u)" -ne 0 ] || chown -R "$tap_user" "$T/home/db"
rc <<'X'
:0
* scan:status ?? ^error$
unscanned

:0 f
| rm db/*; cat

:0
* scan:virus ?? .
infected
X
if [ -x "$B/bivalve-scan" ]; then
	with "$T/filter.conf" "$T/home/rc" <"$T/msg"
	is $? 75 "a scan of what a filter wrote fails: deferred, whatever was decided before it"
else
	skip "a scan of what a filter wrote fails" "bivalve-scan is not built"
fi

# What ends each scanner is unscannable, and a recipe may let that pass; its parts stay unknown.
fresh
cat >"$T/scanner" <<'X'
#!/usr/bin/python3
import os, struct
def say(kind, text):
    os.write(3, kind + struct.pack(">I", len(text)) + text)
while True:
    want = os.read(3, 1)
    if not want:
        break
    say(b"B", (b"\x03" if want == b"S" else b"\x04") + b"tried often enough")
    say(b"E", b"")
X
chmod 755 "$T/scanner"
{ cat "$T/site.conf"; echo "scanner = $T/scanner"; } >"$T/fake.conf"
rc <<'X'
:0
* scan:status ?? unscannable
@tag X-Virus-Finding: unscannable
:0
* mime:name ?? [.]exe
@drop
X
if command -v python3 >/dev/null; then
	with "$T/fake.conf" "$T/home/rc" <"$T/msg"
	is $? 75 "parts that cannot be told behind a verdict: deferred"
	like "$(cat "$T/err")" 'scan=unscannable.*rc:5.*tried often enough' "and the verdict stays what it was"
else
	skip "parts that cannot be told" "no python3"
	skip "the verdict stays what it was" "no python3"
fi

fresh
rc <<'X'
:0 c
* scan:virus ?? .
a
:0
b
X
with "$T/site.conf" "$T/home/rc" <"$T/msg"
is $? 75 "no folder of a recipe file gets an unscanned copy"
is "$(ls "$T/home")" rc "really none"

# ---- what has taken the recipes behind it, the site's virus scan perhaps, lets no mail pass
# torn DESCRIPTION LINE WHY: the site's rcfile on standard input
torn() {
	fresh
	cat >"$T/site.rc"
	with "$T/site.conf" <"$T/msg"
	is "$? $(ls "$T/home")" "75 " "the site's $1: deferred, nothing is done"
	like "$(sed 's,.* bivalve:,,' "$T/err")" "site.rc:$2: $3.*bivalvectl check" "and where, and why"
	: >"$T/site.rc"
}
torn "quote that never closes" 5 'closing " is missing' <<'X'
:0 c
copy

# a note
NOTE="one

:0
* scan:virus ?? .
@quarantine
X
torn "quote before another" 3 'closing " is missing.*begins in line 1' <<'X'
NOTE="one
:0
* ^Subject: "Hello"
@quarantine
X
torn "apostrophe" 1 "closing ' is missing" <<'X'
NOTE=don't
:0
* scan:virus ?? .
@quarantine
X
torn "apostrophe before another" 1 'this text goes on over a recipe' <<'X'
NOTE=don't
    :0
* scan:virus ?? .
@quarantine
# isn't
X
torn "backquote" 1 'closing backquote is missing' <<'X'
DATE=`date
:0
* scan:virus ?? .
@quarantine
X
torn "variable that never closes" 1 'closing " is missing' <<'X'
A="${B:-one"
:0
* scan:virus ?? .
@quarantine
X
torn "lockfile" 1 'closing " is missing' <<'X'
:0: "lock
* ^Nope
box
:0
* scan:virus ?? .
@quarantine
X
torn "folder" 3 "closing ' is missing" <<'X'
:0
* ^Nope
don't
:0
* scan:virus ?? .
@quarantine
X
torn "joined line" 3 'this text goes on over a recipe' <<'X'
:0
* ^Nope
box \
:0
* scan:virus ?? .
@quarantine
X
torn "block" 3 'this block is never closed' <<'X'
:0
* ^Nope
{

:0
* scan:virus ?? .
@quarantine
X
torn "conditions that are counted" 1 'the recipe has no action line' <<'X'
:20
:0
* scan:virus ?? .
@quarantine
X
printf ':0\r\n* ^Subject:\r\nvirus\r\n' >"$T/crlf"
torn "lines with CR LF" 1 'the lines end with CR LF' <"$T/crlf"
printf '\357\273\277:0\n* scan:virus ?? .\nvirus\n' >"$T/bom"
torn "byte order mark" 1 'the file begins with a byte order mark' <"$T/bom"
torn "recipe without an action" 3 'this line is the folder of the recipe before' <<'X'
:0
* ^Nope
:0
* ^Subject: Hello
copy
X
torn "condition without a recipe" 1 'skipped "\* scan:virus' <<'X'
* scan:virus ?? .
copy
X
torn "recipe without an end" 1 'the recipe has no action line' <<'X'
:0
* scan:virus ?? .
X

# also in what it includes; a user's are read as by procmail
fresh
printf 'A="\n' | rc
echo "INCLUDERC=$T/home/rc" >"$T/site.rc"
with "$T/site.conf" /dev/null <"$T/msg"
is $? 75 "an rcfile that the site's includes: deferred"
like "$(cat "$T/err")" 'home/rc:1: closing " is missing' "and which it is"
: >"$T/site.rc"
# also without what it includes, where that is not made for some users only
for text in "INCLUDERC=$T/away.rc" "SWITCHRC=$T/away.rc" "INCLUDERC=$T/site.rc"; do
	fresh
	echo "$text" >"$T/site.rc"
	with "$T/site.conf" /dev/null <"$T/msg"
	is "$? $(ls "$T/home")" "75 " "the site's ${text%%=*} of ${text##*/}: deferred"
	like "$(cat "$T/err")" "site.rc:1: $T/[a-z.]*: .*mail waits for it|without end; .*mail waits" "and why"
done
# shellcheck disable=SC2016
for text in 'INCLUDERC=$HOME/.site' 'INCLUDERC=.site' "INCLUDERC=$T/away-\$LOGNAME.rc"; do
	fresh
	echo "$text" >"$T/site.rc"
	with "$T/site.conf" /dev/null <"$T/msg"
	is "$? $(ls "$T/home")" "0 inbox" "what some users may have, and this one has not: $text"
done
: >"$T/site.rc"
for text in 'A="|:0|not' ':0|* ^Nope|{|:0|not' "A='|:0|not|#'" ':0|* Hello'; do
	fresh
	echo "$text" | tr '|' '\n' | rc
	with "$T/site.conf" "$T/home/rc" <"$T/msg"
	is "$? $(cd "$T/home" && echo *)" "0 inbox rc" "a user's is read as by procmail: $text"
done

# ---- a field that says what the body is makes it another message, which is looked at anew
fresh
rc <<'X'
:0
* mime:type ?? ^text/plain
@tag Content-Type: text/html
:0
* mime:type ?? ^text/html
again
X
if [ -x "$B/bivalve-scan" ]; then
	bivalve "$T/home/rc" <"$T/msg"
	ok "a new Content-Type is seen" test -s "$T/home/again"
else
	skip "a new Content-Type is seen" "bivalve-scan is not built"
fi

# ---- who may what
if [ "$(id -u)" -eq 0 ]; then
	"$B/bivalve" <"$T/msg" >"$T/out" 2>"$T/err"
	is $? 75 "root without -d: deferred"
	"$B/bivalve" -d root <"$T/msg" >"$T/out" 2>"$T/err"
	is $? 75 "mail for root without root_alias: deferred"
	"$B/bivalve" -d no_such_user_here <"$T/msg" >"$T/out" 2>"$T/err"
	is $? 67 "unknown user"
	"$B/bivalve" -d no_such_user_here "DEFAULT=$T/x" <"$T/msg" >"$T/out" 2>"$T/err"
	like "$(cat "$T/out")" "no user default=" "a recipient with = in his name is no assignment"
	is "$(cat "$T/err")" "" "with -d the log alone is told: an MTA would send it to strangers"
	"$B/bivalve" --verbose -d no_such_user_here <"$T/msg" >"$T/out" 2>"$T/err"
	like "$(cat "$T/err")" 'there is no user no_such_user_here' "with --verbose a person is told, too"
else
	skip "root without -d" "needs root"
	skip "mail for root" "needs root"
	skip "unknown user" "needs root"
	skip "a recipient with = in his name" "needs root"
fi
as_user env -i "$B/bivalve" -d root <"$T/msg" >"$T/out" 2>"$T/err"
is $? 75 "a user delivers for nobody else"

fresh
ok "a secret of another's" sh -c "umask 077; echo secret >'$T/secret'"
rc <<X
INCLUDERC=$T/secret
LOGFILE=$T/secret
X
bivalve "$T/home/rc" <"$T/msg"
is "$(cat "$T/secret")" secret "another's file is neither read nor written"

# ---- the program that handed us the message dies
fresh
cat >"$T/orphan" <<X
#!/bin/sh
# the writer and the parent die; the pipe ends early, as it does when sendmail is killed
cd "$T/home"
{ head -n 5 "$T/msg"; sleep 1; } | {
	exec 3<&0
	env -i "$B/bivalve" HOME="$T/home" DEFAULT="$T/home/inbox" \
	    ORGMAIL="$T/home/orgmail" MAILDIR="$T/home" "\$@" <&3 2>"$T/home/err" &
	exec 3<&-
	sleep 0.3
	kill -9 \$\$ 2>/dev/null
	exit 0
}
X
chmod 755 "$T/orphan"
as_user sh "$T/orphan" >/dev/null 2>&1
sleep 2
not_ok "an orphaned delivery does not commit what may be half a message" test -s "$T/home/inbox"

fresh
rc <<'X'
:0 c
{
	A=`sleep 0.2`
	:0
	clone
}
X
as_user sh "$T/orphan" SHELL=/bin/sh PATH="$PATH" "$T/home/rc" >/dev/null 2>&1
sleep 2
not_ok "nor does its clone" test -s "$T/home/clone"

# ---- a program that dies with the message in its pipe
fresh
{ printf 'Subject: large\n\n'; yes 'a line of it' | head -n 30000; } >"$T/large"
cat >"$T/dies" <<'X'
#!/bin/sh
head -c 1000 >/dev/null
kill -9 $$
X
chmod 755 "$T/dies"
for recipe in "| $T/dies" "! a@example.org"; do
	# With i alone the author wants neither looked at, as in procmail.
	for flags in "" w Wi; do
		rm -f "$T/home/inbox"
		printf ':0 %s\n%s\n' "$flags" "$recipe" | rc
		bivalve SENDMAIL="$T/dies" "$T/home/rc" <"$T/large"
		is "$? $(grep -c 'a line of it' "$T/home/inbox" 2>&1)" "0 30000" \
		    "\":0 $flags\" ${recipe%% *}: who dies while he is fed has not got the message"
	done
done
printf ':0\n| %s\n' "$T/dies" | rc
bivalve -t DEFAULT="$T/nosuch/a" ORGMAIL="$T/nosuch/b" "$T/home/rc" <"$T/large"
is $? 75 "and if it can go nowhere else, it is deferred"

# ---- a lockfile that would be the mailbox
for lines in ':0:box' 'LOCKEXT=
:0:' 'LOCKEXT=
DEFAULT=box
:0
* ^Nope'; do
	fresh
	printf '%s\nbox\n' "$lines" | rc
	bivalve ./rc <"$T/msg"
	is "$? $(grep -c '^From ' "$T/home/box" 2>&1)" "0 1" "a mailbox that is not there is not made as its own lockfile: $(echo "$lines" | tr '\n' ' ')"
done

# ---- what went wrong is said once
fresh
printf ':0 w\n| exit 3;\n:0\nnodir/x\nDEFAULT=nodir/y\n' | rc
bivalve ./rc <"$T/msg"
for said in 'program failure (3)' 'nodir/x: No such' 'nodir/y: No such'; do
	is "$(grep -v '^bivalve: from=' "$T/err" | grep -c "$said")" 1 "once: $said"
done

# ---- what others could use
fresh
printf 'UMASK=000\nLOCKFILE=lock\n:0 w\n| stat -c %%a lock >mode\n' | rc
bivalve ./rc <"$T/msg"
is "$(cat "$T/home/mode")" 400 "a lockfile can be opened by its owner only, whatever UMASK says"
fresh
printf 'LOG="[${DEFAULT-unset}]"\n' | rc
(cd "$T/home" && as_user env -i PATH="$PATH" "$B/bivalve" -m ./rc) <"$T/msg" 2>"$T/err" || :
like "$(cat "$T/err")" '\[unset\]' "with -m there is no DEFAULT"

# ---- more in which procmail differs
fresh
printf 'A=a\nC=${N-} b\nD=${N-}#x\nE=${N-}\\#x\nF=${A-}#x\nG=${A-}\\#x\nLOG="[$C$D$E$F$G]"\n' | rc
bivalve "$T/home/rc" <"$T/msg" >"$T/err" 2>&1
like "$(cat "$T/err")" '\[#xaa#x\]' "what stands behind an empty alternative is read before it is known"
fresh
as_user ln -s elsewhere "$T/home/box"
printf ':0\nbox/\n' | rc
bivalve ./rc <"$T/msg"
ok "a link to nothing, with a slash behind it, becomes a Maildir" test -d "$T/home/elsewhere/new"
fresh
printf 'To: a@example.org,\n\tb@example.org\n\nx\n' >"$T/folded"
printf ':0\n* $ ^To:`true`\n* ^To:.*b@\nbox\n' | rc
bivalve ./rc <"$T/folded"
ok "backquotes in a condition do not fold the header for the next" test -s "$T/home/box"

# ---- a directory is no program
fresh
printf ':0 w\n| %s x\n' "$T/home" | rc
bivalve ./rc <"$T/msg"
is "$? $(grep -c '^From ' "$T/home/inbox" 2>&1)" "0 1" "a directory that shall be a program leaves the mail"

# ---- time limit
fresh
printf 'timeout = 1\nsite_recipes = %s\n' "$T/site.rc" >"$T/short.conf"
chmod 644 "$T/short.conf"
rc <<'X'
X=`sleep 20`
X
with "$T/short.conf" "$T/home/rc" <"$T/msg"
is $? 75 "the overall time limit defers"
is "$(find "$T/home" -type f ! -name rc)" "" "and leaves nothing behind"

# ---- EXITCODE in words, as procmail reads numbers
for word in 'yes 1' 'on 1' 'all 2' 'no 0' 'junk 0'; do
	fresh
	echo "EXITCODE=${word% *}" | rc
	bivalve ./rc <"$T/msg"
	is $? "${word#* }" "EXITCODE=${word% *}"
done

# ---- where HOST ends it, the log says what LASTFOLDER was set to
fresh
printf 'LASTFOLDER=elsewhere\nHOST=no-such-host\n' | rc
bivalve ./rc <"$T/msg"
like "$(cat "$T/err")" '  Folder: elsewhere' "the log has the rcfile's LASTFOLDER"

# ---- a message of 100 MB
fresh
{ printf 'Subject: big\n\n'; head -c 100000000 /dev/zero | tr '\0' 'x' | fold -w 72; } >"$T/big"
: >"$T/conf.big"
bivalve <"$T/big"
is $? 0 "a message of 100 MB is delivered"
ok "byte for byte" sh -c "head -c $(wc -c <"$T/big") '$T/home/inbox' | cmp -s - '$T/big'"

# ---- version and help
option=--version bivalve </dev/null
is $? 0 "--version"
like "$(cat "$T/out")" '^bivalve [0-9]' "says the version"
option=-h bivalve </dev/null
is $? 64 "-h as procmail"
done_testing
