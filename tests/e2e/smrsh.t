#!/bin/sh
# smrsh.t: on a restricted site (programs = smrsh or none) no rcfile gets out: not by an action, a
# condition, backquotes, TRAP, a variable, a link, or the environment.  And bivalve in smrsh's own
# directory, called from ~/.forward by a real sendmail.

# Its user has a home of the test's making: for that there is a private /etc/passwd.
if [ "$(id -u)" -eq 0 ] && [ -z "${INSIDE-}" ] && unshare -m true 2>/dev/null; then
	INSIDE=1 exec unshare -m --propagation private sh "$0"
fi
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -n "${INSIDE-}" ] || skip_all "needs root and mount namespaces"

[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
sed "s,^\($tap_user:.*\):[^:]*:[^:]*$,\1:$T/home:/bin/sh," /etc/passwd >"$T/passwd"
mount --bind "$T/passwd" /etc/passwd || skip_all "/etc/passwd cannot be replaced"
mkdir "$T/mail" "$T/approved" "$T/outside" "$T/marks"
chmod 1777 "$T/outside" "$T/marks"

# A smrsh as the manual page has it: a name without its path, in one directory.
cat >"$T/smrsh" <<X
#!/bin/sh
printf '%s\n' "\$2" >>"$T/marks/asked"
env >>"$T/marks/env"
program=\${2%% *}
program=$T/approved/\${program##*/}
[ -x "\$program" ] || exit 69
PATH=/usr/bin:/bin exec "\$program"
X
printf '#!/bin/sh\ncat >%s/marks/approved\necho from the approved program\n' "$T" >"$T/approved/ok"
chmod 755 "$T/smrsh" "$T/approved/ok"
: >"$T/site.rc"
cat >"$T/conf" <<X
site_recipes = $T/site.rc
smrsh = $T/smrsh
mail_spool = $T/mail
X
printf 'From: a@x.test\nSubject: `touch %s/marks/evil`\n\nbody\n' "$T" >"$T/msg"

fresh() {
	rm -rf "${T:?}/home" "$T"/marks/* "$T"/outside/*
	user_dir "$T/home"
	as_user sh -c "printf '#!/bin/sh\ntouch $T/marks/evil\n' >$T/home/evil
	    chmod 755 $T/home/evil; cp $T/home/evil $T/home/sh; cp $T/home/evil $T/home/sendmail"
}

# run PROGRAMS ARGUMENT...: the rcfile is $T/home/rc
run() {
	mode=$1
	shift
	sed "\$a programs = $mode" "$T/conf" >"$T/conf.$mode"
	# A clone goes on behind its delivery, and has standard error to its end: the pipe waits for it.
	{
		(cd "$T/home" && as_user env -i PATH="$PATH" "$B/bivalve" --config "$T/conf.$mode" \
		    HOME="$T/home" "$@" rc) <"$T/msg" 2>&1 >"$T/out"
		echo $? >"$T/status"
	} | cat >"$T/err"
	return "$(cat "$T/status")"
}

# Every line is one attempt: what it is, then the rcfile with ; for line ends.  H is the home, O a
# directory outside, E a program of the user's own.
attempts() {
	cat <<'X'
a pipe|:0;| E
a pipe with the shell|:0;| E; touch O/evil
a pipe, waited for|:0 w;| E
a filter|:0 f;| E
a header filter|:0 fhw;| E
a condition|:0;* ? E;H/box
a condition on a variable|X=1;:0;* X ?? 1;* ! ? E;H/box
a condition that is expanded|C="? E";:0;* $ $C;H/box
backquotes in an assignment|X=`E`
backquotes in a condition|:0;* $ `E`;H/box
backquotes in an action|:0;`E`/box
backquotes in a header|X="`head -1`";:0;* $ ${X};H/box
backquotes as a folder's name|DEFAULT=`E`
TRAP|TRAP=E
TRAP with the shell|TRAP="E; touch O/evil"
a variable from a pipe|:0;X=| E
SHELL|SHELL=E;:0;| echo $X
SHELL and its flags|SHELL=/bin/sh;SHELLFLAGS=-c;SHELLMETAS=a;:0;| E a
SHELL, and a shell's line|SHELL=/bin/sh;X=`E;`
SHELL as an approved name|SHELL=H/sh;X=`ok;`
SENDMAIL|SENDMAIL=E;:0;! a@x.test
SENDMAIL by its name|SENDMAIL=H/sendmail;:0;! a@x.test
SENDMAILFLAGS|SENDMAIL=ok;SENDMAILFLAGS="; E";:0;! a@x.test
an address|:0;! `E`
PATH|PATH=H:/bin;:0;| evil
a nested block|:0;{;:0;{;:0 c;| E;};}
a clone|:0 c;{;:0;| E;}
else|:0;* never;/dev/null;:0 E;| E
an error branch|:0 w;| false;:0 e;| E
a lockfile's name|:0:`E`;H/box
INCLUDERC|INCLUDERC=O/rc
INCLUDERC by a link|INCLUDERC=H/link/rc
INCLUDERC with dots|INCLUDERC=H/../outside/rc
SWITCHRC|SWITCHRC=O/rc
SWITCHRC from a program|SWITCHRC=`E`
LOGFILE|LOGFILE=O/log;LOG=x
LOGFILE by a link|LOGFILE=H/link/log;LOG=x
LOGFILE with dots|LOGFILE=H/../outside/log;LOG=x
a folder|:0;O/box
a folder by a link|:0;H/link/box
a folder that is a link|:0;H/file
a folder with dots|:0;H/../outside/box
a Maildir|:0;O/mail/
an MH folder|:0;O/mh/.
a second folder|:0;H/one/ O/two/
MAILDIR|MAILDIR=O;:0;box
MAILDIR by a link|MAILDIR=H/link;:0;box
DEFAULT|DEFAULT=O/box
ORGMAIL|DEFAULT=/nonexistent/x;ORGMAIL=O/box
a local lockfile|:0:O/lock;H/box
LOCKFILE|LOCKFILE=O/lock
LOCKFILE by a link|LOCKFILE=H/link/lock
HOME|HOME=O;DEFAULT=O/box;:0;* seen:id ?? .;H/box
formail's cache|:0 Wh;| formail -D 8192 O/cache
a map|:0;* map:text:O/map key ?? value;O/box
LD_PRELOAD|LD_PRELOAD=H/evil.so;:0;| ok
LD_AUDIT|LD_AUDIT=H/evil.so;X=`ok`
LD_LIBRARY_PATH|LD_LIBRARY_PATH=H;:0 f;| ok
ENV and BASH_ENV|ENV=E;BASH_ENV=E;:0;* ? ok;H/box
IFS|IFS=/;X=`ok`
an option of smrsh's|:0;| ok -c E
what smrsh takes apart|:0;| ok && E
what smrsh takes apart, or|:0;| nothing || E
a line end|X="ok;E";:0;| $X
a subject in a command|:0;| $SUBJECT
MATCH in a command|:0;* ^Subject: \/.*;| ok $MATCH
EXITCODE with a program|EXITCODE=`E`
a forward into a variable|SENDMAIL=E;:0;X=! a@x.test
DEFAULT that begins with a bar|DEFAULT="| E"
ORGMAIL that begins with a bar|DEFAULT=/nonexistent/x;ORGMAIL="| E"
LOGFILE that begins with a bar|LOGFILE="| E";LOG=x
a verb's words|:0;@tag X-A: `E`
a verb that refuses|:0;@reject `E`
a verb's key|:0;@blocklist `E`
a selector's argument|:0;* $ header:`E` ?? x;H/box
a map's file|:0;* $ map:text:`E` key ?? value;H/box
a list of domains|:0;* map:class:O/map key ?? .;O/box
a DNS list's name|:0;* $ dns:`E` ?? x;H/box
formail that splits|:0;| formail -s E
formail that adds|:0 fhw;| formail -A "X: `E`"
formail that is not the system's|PATH=H:/bin;:0 fhw;| formail -I X:
a mailbox in another's|DEFAULT=H/../outside/box
a folder with dots from MAILDIR|MAILDIR=H;:0;../outside/box
LOCKEXT with a path|LOCKEXT=/../../outside/lock;:0:;box
LOCKEXT behind one's own mailbox|LOCKEXT=/../../outside/lock;LOCKFILE=S/nobody/../../outside/lock
LOCKFILE that is taken again|LOCKFILE=H/ok;LOCKFILE=O/lock
INCLUDERC from the message|INCLUDERC=/dev/stdin
INCLUDERC from a descriptor|INCLUDERC=/proc/self/fd/0
INCLUDERC in the working directory|MAILDIR=O;INCLUDERC=rc
INCLUDERC below a link that is there|INCLUDERC=H/link/../outside/rc
what perl and python load|PERL5OPT=-MH/evil;PERL5LIB=H;PYTHONPATH=H;PYTHONSTARTUP=E;:0 f;| ok
a shell's function|BASH_FUNC_cat%%="() { E; }";:0 f;| ok
GCONV_PATH and LOCPATH|GCONV_PATH=H;LOCPATH=H;:0 f;| ok
a quoted program|:0;| "E"
a program by its dots|:0;| ../../../E
a program in an assignment|:0;| X=1 E
a brace|:0;| { E; }
a comment|:0;| ok #; E
a tab|:0;| ok	&& E
a backslash|:0;| ok \\; E
the shell by its name|:0;| sh E
the shell by exec|:0;| exec E
bivalve itself|:0;| bivalve -m O/rc
a Maildir of the site's|:0;S/nobody/../other
a second host|HOST=nowhere;:0;| E
X
}

# Words of the command line, as ~/.forward may have them: H, O and E as above.
command_lines() {
	cat <<'X'
a rcfile elsewhere|O/rc
a rcfile by a link|H/link/rc
a filter with a rcfile elsewhere|-m O/rc
an assignment to SHELL|SHELL=E
an assignment to LOGFILE|LOGFILE=O/log
an assignment to ORGMAIL|ORGMAIL=O/box DEFAULT=/nonexistent/x
an assignment to DEFAULT|DEFAULT=O/box
an assignment to SENDMAIL|SENDMAIL=E
an assignment to INCLUDERC|INCLUDERC=O/rc
an assignment to SWITCHRC|SWITCHRC=O/rc
an assignment to TRAP|TRAP=E
an assignment to MAILDIR|MAILDIR=O DEFAULT=box
an assignment to HOME|HOME=O
an environment that is kept|-p
another user|-d root
X
}

cat >"$T/evil.c" <<X
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void evil(void) { close(open("$T/marks/evil", O_CREAT | O_RDWR, 0600)); }
unsigned la_version(unsigned v) { return v; }
X
preload=
cc -shared -fPIC -o "$T/evil.so" "$T/evil.c" 2>/dev/null && preload=yes
[ -n "$preload" ] || diag "no compiler: LD_PRELOAD is only looked for in the environment"

# attempt PROGRAMS TEXT RCFILE
attempt() {
	fresh
	printf 'LOG=included\n:0\n| %s\n:0\n%s/rcbox\n' "$T/home/evil" "$T/outside" >"$T/outside/rc"
	printf 'key value\n' >"$T/outside/map"
	[ -z "$preload" ] || cp "$T/evil.so" "$T/home/evil.so"
	(cd "$T/home" && ln -s "$T/outside" link && ln -s "$T/outside/file" file)
	mkdir "$T/mail/nobody" 2>/dev/null
	printf '%s\n' "$3" | sed "s,\\bS\\b,$T/mail,g; s,\\bH\\b,$T/home,g; s,\\bO\\b,$T/outside,g; s,\\bE\\b,$T/home/evil,g" |
	    tr ';' '\n' >"$T/home/rc"
	ls -A "$T/outside" >"$T/before"
	# shellcheck disable=SC2086
	run "$1" DEFAULT="$T/home/inbox" $4
	ls -A "$T/outside" >"$T/after"
	found=
	[ ! -e "$T/marks/evil" ] || found="its program ran"
	cmp -s "$T/before" "$T/after" || found="$found left outside: $(tr '\n' ' ' <"$T/after")"
	! grep -q '^rcbox\|^included' "$T/err" || found="$found its rcfile ran"
	! grep -Eq '^(LD_|ENV=|BASH_ENV=|SHELL=.*home)' "$T/marks/env" 2>/dev/null ||
	    found="$found the environment: $(grep -E '^(LD_|ENV=|BASH_ENV=|SHELL=)' "$T/marks/env" | tr '\n' ' ')"
	[ "$1" != none ] || [ ! -e "$T/marks/asked" ] || found="$found a program was started"
	is "$found" "" "programs = $1, $2: stays inside" || diag "$(cat "$T/err" "$T/home/rc")"
}

attempts >"$T/attempts"
while IFS='|' read -r text rcfile; do
	attempt smrsh "$text" "$rcfile"
	attempt none "$text" "$rcfile"
done <"$T/attempts"
command_lines >"$T/lines"
while IFS='|' read -r text words; do
	words=$(printf '%s\n' "$words" |
	    sed "s,\\bH\\b,$T/home,g; s,\\bO\\b,$T/outside,g; s,\\bE\\b,$T/home/evil,g")
	attempt smrsh "the command line: $text" ":0:;inbox" "$words"
	attempt none "the command line: $text" ":0:;inbox" "$words"
done <"$T/lines"

# A lock goes when its recipe ends, so only the log tells.
fresh
printf 'LOCKEXT=/../../outside/lock\nLOCKFILE=%s/nobody/../../outside/lock\n:0\nbox\n' "$T/mail" \
    >"$T/home/rc"
run none DEFAULT="$T/home/inbox"
like "$(cat "$T/err")" 'outside/lock lies outside' \
    "a lock with a path for its ending is nobody's own mailbox's"

# ---- what is approved works
fresh
printf ':0\n| ok an argument\n' >"$T/home/rc"
run smrsh DEFAULT="$T/home/inbox"
is "$? $(grep -c body "$T/marks/approved")" "0 1" "an approved program gets the mail"
is "$(cat "$T/marks/asked")" "ok an argument" "by smrsh, whatever SHELL says"
fresh
printf 'X=`ok`\n:0\n* X ?? approved\n%s/box\n' "$T/home" >"$T/home/rc"
run smrsh DEFAULT="$T/home/inbox"
ok "its output is the word" test -s "$T/home/box"
fresh
printf ':0\n| ok\n' >"$T/home/rc"
run none DEFAULT="$T/home/inbox"
is "$? $(test -s "$T/home/inbox" && echo kept)" "0 kept" \
    "programs = none: the mail goes on to DEFAULT, which is inside"

# ---- ~/.forward, by sendmail's own smrsh
bed=$TOP/tests/testbed
if [ ! -x /usr/libexec/sendmail/smrsh ] || ! command -v m4 >/dev/null
then
	skip "bivalve from ~/.forward" "needs sendmail and its smrsh"
	done_testing
	exit 0
fi
D=$T/bed
down() {
	[ ! -e "$D/run/keeper.pid" ] || "$bed/sendmail-down" "$D" --rm >/dev/null 2>&1
	rm -rf "$T"
}
trap down EXIT
mkdir -p "$D/bin" "$D/etc-mail/smrsh" "$D/home/u1" "$D/home/u2"
cp "$B"/bivalve* "$D/bin/"
printf 'site_recipes = /srv/tb/site.rc\nprograms = smrsh\nmta_names = mx.tb.test\n' >"$D/bivalve.conf"
: >"$D/site.rc"
"$bed/sendmail-up" "$D" --mlocal true --smrsh --deliver i >"$T/up" 2>&1 || {
	skip "bivalve from ~/.forward" "sendmail does not start here"
	done_testing
	exit 0
}
ln -sf /srv/tb/bin/bivalve "$D/etc-mail/smrsh/bivalve"
for user in u1 u2; do
	printf '"|exec bivalve --config /srv/tb/bivalve.conf || exit 75"\n' >"$D/home/$user/.forward"
	cat >"$D/home/$user/.bivalverc" <<'X'
DEFAULT=$HOME/Maildir/
LOGFILE=$HOME/log
:0
* envelope:client ?? ^127\.0\.0\.9$
* envelope:from ?? ^a@sender\.test$
from-client/
:0 c
| /bin/touch /srv/tb/marks-evil
X
	chown -R "2000${user#u}:20000" "$D/home/$user"
done
send() {
	"$bed/lib/smtp1" -q -s "$1" -- "$(cat "$D/port")" a@sender.test "$2@tb.test" <"$T/msg"
}
send 127.0.0.9 u1
send 127.0.0.2 u2
n=0
while [ -z "$(find "$D/home/u1/from-client" "$D/home/u2/Maildir" -type f 2>/dev/null | sed -n 2p)" ] &&
    [ $n -lt 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
is "$(find "$D/home/u1/from-client/new" -type f 2>/dev/null | wc -l)" 1 \
    "called from ~/.forward by smrsh: sender and client are known" || tail -n 5 "$D/log/maillog"
is "$(stat -c %u "$D"/home/u1/from-client/new/* 2>/dev/null)" 20001 "and the recipient"
is "$(find "$D/home/u2/Maildir/new" -type f 2>/dev/null | wc -l)" 1 \
    "a program that is not approved: the mail is in DEFAULT"
not_ok "and it was not started" test -e "$D/marks-evil"

done_testing
