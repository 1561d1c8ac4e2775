#!/bin/sh
# hostile.t: what a sender, a user or a fault might try against bivalve started by root: leaks into
# bounces, ways around a scan that failed or around the site's restrictions, waits without end.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
user=nobody sender=a@example.org
user_dir "$T/home"
printf 'From: a@example.org\nSubject: Hello\n\nBody\n' >"$T/msg"
: >"$T/site.rc"

# conf LINE...: the configuration for lda
conf() {
	printf '%s\n' "site_recipes = $T/site.rc" "database = $T/nosuch" "mail_spool = $T/spool" \
	    "quarantine = $T/quarantine" "$@" >"$T/conf"
	chmod 644 "$T/conf"
}

site() {
	{
		# shellcheck disable=SC2016
		printf 'HOME=%s\nMAILDIR=$HOME\nDEFAULT=$HOME/inbox\nORGMAIL=$DEFAULT\n' "$T/home"
		echo 'SHELL=/bin/sh'
		cat
	} >"$T/site.rc"
}

# lda: as an MTA calls it; output in $T/out and $T/err
lda() {
	env -i PATH="$PATH" ${preload:+LD_PRELOAD="$preload"} timeout 60 "$B/bivalve" \
	    --config "$T/conf" ${sender:+-f "$sender"} -d "$user" \
	    >"$T/out" 2>"$T/err" <"$T/msg"
}

fresh() {
	rm -rf "${T:?}/home"
	user_dir "$T/home"
	conf
	site </dev/null
}

# alive PID: a process that has ended may be there still, when nobody waits for it.  No PID is that
# of a program whose time was over before it could say its number.
alive() {
	[ -n "$1" ] && [ -r "/proc/$1/stat" ] && ! grep -q ') Z' "/proc/$1/stat"
}
# lives_on PID: it is there still, when twenty seconds were enough to end it.
lives_on() {
	tries=0
	while alive "$1" && [ $tries -lt 200 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	alive "$1"
}

fresh
lda
is $? 0 "delivered"
ok "to his mailbox" grep -q Body "$T/home/inbox"

# ---- what an MTA may leave to us, as to procmail
fresh
user=NoBody
lda
is $? 0 "a name in capitals, as it was written in the address"
user=nobody sender=
lda
is "$? $(grep -c '^From ' "$T/home/inbox")" "0 2" "without -f no message melts into the one before"
is "$(grep -c '^From root  ' "$T/home/inbox")" 1 "its From_ line names who started us"
sender=a@example.org

# ---- what an MTA would mail to the sender
fresh
site <<'X'
:0 w
| echo a secret path >&2; exit 3
TRAP="echo another secret"
:0
@reject no
X
lda
is $? 77 "rejected"
is "$(cat "$T/err")" "" "what programs complain of does not reach the sender"
is "$(cat "$T/out")" "5.7.1 no" "one line does"

fresh
site <<'X'
NL="
"
:0
@reject one${NL}Final-Recipient: two
X
lda
is "$(wc -l <"$T/out")" 1 "a reason of several lines is told in one"

user=$(printf 'no\nsuch\033[1muser')
lda
is $? 67 "no such user"
is "$(tr -d "\000-\011\013-\037" <"$T/out" | wc -c)" "$(wc -c <"$T/out")" \
    "a recipient's control characters are not told"
is "$(wc -l <"$T/out")" 1 "nor his lines"
user=nobody

# ---- the last word is not a program's accident
# shellcheck disable=SC2016
for trap in 'exit 127' 'kill -9 \$PPID;' '/nonexistent/program' 'grep -q nothing' 'exit 0;' 'exit 67;'; do
	fresh
	printf 'EXITCODE\nEXITCODE=\nTRAP="%s"\n:0\n@defer wait\n' "$trap" | site
	lda
	# An MTA keeps the mail of one that died of a signal, too.
	like $? '^(75|137)$' "deferred, although TRAP=\"$trap\""
done
fresh
printf 'EXITCODE=\nTRAP="exit 1;"\n:0\n@reject no\n' | site
lda
is $? 77 "rejected, although TRAP=\"exit 1;\""
fresh
printf 'EXITCODE=69\nTRAP="exit 1;"\n:0\n@defer wait\n' | site
lda
is $? 69 "a number in EXITCODE was meant"
fresh
printf 'EXITCODE=\nTRAP="exit 12;"\n' | site
lda
is $? 12 "of a delivered mail TRAP says how it ended"
ok "it is delivered" test -s "$T/home/inbox"

# ---- a scan that failed
fresh
site <<'X'
:0
* scan:status ?? infected
@drop
:0 cw
{
	:0
	copy
}
X
lda
is $? 75 "not scanned: deferred"
not_ok "a clone delivers it no more than its parent" test -e "$T/home/copy"

fresh
site <<'X'
:0
* scan:status ?? infected
@drop
:0 fhw
| sed -e 's/Hello/changed/'
:0
* mime:type ?? nothing
@drop
X
lda
is $? 75 "not scanned, then filtered and looked at: deferred"

# ---- nobody waits without end
fresh
if [ -z "${SAN-}" ] && command -v gcc >/dev/null; then
	cat >"$T/slow.c" <<'X'
#include <pwd.h>
#include <unistd.h>
int getpwnam_r(const char *n, struct passwd *p, char *b, size_t s, struct passwd **r)
{ (void)n, (void)p, (void)b, (void)s; *r = 0; for (;;) sleep(100); }
X
	gcc -shared -fPIC -o "$T/slow.so" "$T/slow.c"
	conf "timeout = 1"
	preload=$T/slow.so lda
	is $? 75 "a user database that hangs: deferred"
else
	skip "a user database that hangs: deferred" "no gcc, or a sanitizer whose library must come first"
fi

fresh
conf "timeout = 2"
site <<X
TIMEOUT=0
X=\`echo \$\$ >$T/home/pid; exec sleep 77\`
X
lda
is $? 75 "a program that hangs: deferred"
not_ok "and the program is ended" lives_on "$(cat "$T/home/pid")"

fresh
conf "timeout = 2"
site <<X
:0 c
{
	TIMEOUT=0
	X=\`echo \$\$ >$T/home/pid; exec sleep 77\`
}
X
lda
is $? 0 "a clone that hangs"
not_ok "is ended, too" lives_on "$(cat "$T/home/pid")"

fresh
site <<'X'
:0
* LOGNAME ?? daemon
{
	X=`sleep 30`
}
X
begin=$(date +%s)
"$B/bivalve" --config "$T/conf" -d nobody daemon >"$T/out" 2>"$T/err" <"$T/msg" &
mta=$!
sleep 1
kill "$mta"
wait "$mta"
is $? 75 "the MTA ends us at the second recipient: deferred"
ok "at once" test $(($(date +%s) - begin)) -lt 6
ok "the first has his mail" grep -q Body "$T/home/inbox"

# ---- the process that keeps root's rights
uid() {
	sed -n 's/^Uid:	\([0-9]*\).*/\1/p' "/proc/$1/status"
}

parent() {
	sed 's/.*) [A-Z] \([0-9]*\) .*/\1/' "/proc/$1/stat"
}

# keeper_of PID: its child that is root's
keeper_of() {
	for stat in /proc/[0-9]*; do
		if [ "$(parent "${stat#/proc/}" 2>/dev/null)" = "$1" ] && [ "$(uid "${stat#/proc/}")" = 0 ]; then
			echo "${stat#/proc/}"
		fi
	done
}

# until_there PATH
until_there() {
	tries=0
	while [ ! -s "$1" ] && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
}

fresh
site <<X
A=\`echo \$\$ >$T/home/pid; exec sleep 55\`
X
"$B/bivalve" --config "$T/conf" -d nobody <"$T/msg" 2>&1 | cat >"$T/out" &
until_there "$T/home/pid"
program=$(cat "$T/home/pid")
delivery=$(parent "$program")
keeper=$(keeper_of "$delivery")
is "$(uid "$delivery")" "$(id -u nobody)" "the process that was started delivers, with the recipient's rights"
ok "another keeps root's" test -n "$keeper"
is "$(find "/proc/${keeper:-self}/fd" -lname 'pipe:*' | wc -l)" 0 "it holds no pipe of the MTA's"
not_ok "the recipient cannot end it" as_user kill "${keeper:-0}"
not_ok "nor send it any signal" as_user kill -CONT "${keeper:-0}"
kill -9 "$delivery"
kill "$program"
tries=0
while alive "$keeper" && [ $tries -lt 50 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
not_ok "and it ends with the delivery" alive "$keeper"
wait

fresh
site <<X
:0 c
{
	A=\`sleep 1\`
	:0
	$T/home/late
}
X
lda
is $? 0 "a clone that takes its time"
until_there "$T/home/late"
ok "delivers, although the MTA is done with us" test -s "$T/home/late"

# ---- restricted sites: what a user may not
if unshare -m true 2>/dev/null; then
	# own ARGUMENT...: a user delivers for himself, $T/etc stands for the site's /etc
	own() {
		# shellcheck disable=SC2016
		T=$T B=$B unshare -m sh -c 'mount --bind "$T/etc" /etc && cd "$T/home" &&
		    exec setpriv --reuid=nobody --regid=nogroup --clear-groups -- \
		    "$B/bivalve" "$@"' own "$@" \
		    >"$T/out" 2>"$T/err" <"$T/msg"
	}
	mkdir "$T/etc" "$T/else"
	cp /etc/passwd /etc/group /etc/nsswitch.conf "$T/etc"
	sed "s|^nobody:.*|nobody:x:65534:65534:nobody:$T/home:/bin/sh|" /etc/passwd >"$T/etc/passwd"
	printf 'programs = smrsh\n' >"$T/etc/bivalve.conf"
	fresh
	printf 'smrsh = /bin/sh\nscanner = %s\n' "$T/home/scanner" >"$T/home/own.conf"
	printf ':0 w\n| touch out\n:0\n* scan:virus ?? .\nx\n' >"$T/home/rc"
	printf '#!/bin/sh\ntouch %s/home/scanned\n' "$T" >"$T/home/scanner"
	chmod 755 "$T/home/scanner"
	printf 'PATH=/usr/bin:/bin\nDEFAULT=%s/home/inbox\n' "$T" | cat - "$T/home/rc" >"$T/rc"
	own --config "$T/home/own.conf" "$T/rc"
	is $? 75 "a user's configuration where programs are restricted: deferred"
	not_ok "he starts no program by it" test -e "$T/home/out"
	not_ok "not even as scanner" test -e "$T/home/scanned"

	fresh
	user_dir "$T/else"
	printf 'X=1\nDEFAULT=%s/home/included\n' "$T" >"$T/else/rc"
	: >"$T/else/log"
	chown nobody "$T/else/log"
	printf 'DEFAULT=inbox\nINCLUDERC=%s/else/rc\nLOGFILE=%s/else/log\nLOG="x"\n' "$T" "$T" \
	    >"$T/home/.procmailrc"
	own
	is $? 0 "rcfile and log outside the home"
	ok "the rcfile is not used" test -e "$T/home/inbox"
	not_ok "the log is not written" test -s "$T/else/log"
	printf 'X=1\nDEFAULT=%s/home/included\n' "$T" >"$T/home/sub"
	printf 'LOGFILE=%s/home/log\nLOG="x"\nINCLUDERC=sub\n' "$T" >"$T/home/.procmailrc"
	own
	ok "inside the home a log may begin" test -s "$T/home/log"
	ok "and an rcfile be included" test -s "$T/home/included"
	ln -s "$T/else" "$T/home/way"
	printf 'DEFAULT=inbox\nINCLUDERC=way/rc\nLOGFILE=way/new\nLOG="x"\n' >"$T/home/.procmailrc"
	rm -f "$T/home/included"
	own
	not_ok "no link leads out" test -e "$T/else/new" -o -e "$T/home/included"
	printf 'LOGFILE=%s/home/locklog\nLOCKFILE=%s/else/g.lock\nLOCKFILE=own.lock\n' \
	    "$T" "$T" >"$T/home/.procmailrc"
	printf ':0:way/l.lock\n* ? false\nx\n:0 c:way/l.lock\ncopy\n:0:in.lock\ninbox\n' \
	    >>"$T/home/.procmailrc"
	own
	is "$(grep -c 'lies outside' "$T/home/locklog")" 2 "no lockfile outside the home"
	ok "the mail is delivered all the same" test -s "$T/home/copy" -a -s "$T/home/inbox"
	is "$(grep -c -i 'lock' "$T/home/locklog")" 2 "lockfiles in the home are made"
else
	skip "restricted sites" "no mount namespaces"
fi

# ---- never more than the caller
if cp "$B/bivalve" "$T/setuid" && chmod 4755 "$T/setuid"; then
	fresh
	as_user env -i "$T/setuid" HOME="$T/home" DEFAULT="$T/home/inbox" <"$T/msg" \
	    >"$T/out" 2>"$T/err"
	is $? 75 "set-user-id: refuses to work"
	like "$(cat "$T/err")" "set-user-id" "and says why"
	rm -f "$T/setuid"
fi
done_testing
