#!/bin/sh
# root.t: bivalve --lmtp started by root: rights, several recipients, one scan for all of them, what
# happens when a delivery dies, and what a session that has been taken over can do.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

need python3 unshare setpriv
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
if [ -z "${LMTP_ROOT_T-}" ]; then
	unshare -m true 2>/dev/null || skip_all "no mount namespace here"
	rm -rf "$T"
	LMTP_ROOT_T=1 exec unshare -m --propagation private sh "$0"
fi

# Users of our own, in this mount namespace only.
mkdir "$T/mail" "$T/home" "$T/bin" "$T/tmp" "$T/spool"
chmod 1777 "$T/tmp" "$T/spool"
chown root:mail "$T/mail"
chmod 2775 "$T/mail"
grep -v '^lm[123]:' /etc/passwd >"$T/passwd"
for n in 1 2 3; do
	echo "lm$n:x:$((31000 + n)):31000:LMTP test:$T/home/lm$n:/bin/sh" >>"$T/passwd"
	mkdir "$T/home/lm$n"
	chown "$((31000 + n)):31000" "$T/home/lm$n"
done
mount --bind "$T/passwd" /etc/passwd || skip_all "no bind mount here"
cp "$B"/bivalve* "$T/bin/"

# Counts its starts.
cat >"$T/bin/counting" <<X
#!/bin/sh
echo start >>$T/tmp/starts
exec $T/bin/bivalve-scan "\$@"
X
chmod 755 "$T/bin/counting"
mkdir "$T/db"
cp "$TOP"/recipes/signatures/*.?db "$T/db"
chmod -R a+rX "$T/db"

conf() {
	cat >"$T/conf" <<X
site_recipes = $T/site.rc
mail_spool = $T/mail
spool_dir = $T/spool
temp_dir = $T/tmp
database = $T/db
scanner = $T/bin/counting
scan_socket = $T/nosuch
scan_user = nobody
session_timeout = 20
X
	cat >>"$T/conf"
}

talk() {
	cat >"$T/script"
	timeout 60 env -i PATH="$PATH" ${PLANT:+LD_PRELOAD="$T/plant.so"} ${PLANT:+PLANT="$PLANT"} \
	    python3 "$TOP/tests/lmtp/peer.py" "$T/script" -- "$T/bin/bivalve" \
	    --config "$T/conf" --lmtp >"$T/said" 2>"$T/log"
}

fresh() {
	rm -rf "$T/mail"/* "$T/tmp"/*
	rm -f "$T"/home/*/* "$T"/home/*/.[a-z]*
}

starts() {
	if [ -e "$T/tmp/starts" ]; then grep -c start "$T/tmp/starts"; else echo 0; fi
}

# to RECIPIENT...: a message's beginning, up to the text
to() {
	printf '< 220\n> LHLO p\n< 250\n> MAIL FROM:<s@x.test>\n< 250\n'
	for r; do
		printf '> RCPT TO:<%s>\n< 250\n' "$r"
	done
	printf '> DATA\n< 354\n'
}

printf 'Subject: one\n\nbody\n' >"$T/one"
: >"$T/site.rc"
chmod 644 "$T/site.rc"

# ---- rights
conf </dev/null
fresh
talk <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<lm1>
< 250
> RCPT TO:<lm2+some.detail@example.org>
< 250
> RCPT TO:<LM3>
< 250
> RCPT TO:<nosuchuser>
< 550 5.1.1
> RCPT TO:<root>
< 451 4.3.0
> DATA
< 354
data $T/one
< 250
< 250
< 250
> QUIT
< 221
X
is $? 0 "three recipients, a stranger, and root"
for n in 1 2 3; do
	is "$(stat -c '%U %a' "$T/mail/lm$n")" "lm$n 660" "lm$n's system mailbox was made, and is his"
	ok "and has the message" grep -q '^body$' "$T/mail/lm$n"
done
conf <<X
root_alias = lm1
X
{ to root; printf 'data %s\n< 250\n' "$T/one"; } | talk
is "$?-$(grep -c '^body$' "$T/mail/lm1")" "0-2" "root_alias gets root's mail"

# While a recipe of lm1 waits, the processes are looked at.
conf </dev/null
fresh
cat >"$T/home/lm1/.bivalverc" <<X
:0
* ? touch $T/tmp/waits; for i in \`seq 200\`; do [ -e $T/tmp/waits ] || break; sleep 0.1; done
$T/mail/lm1
X
chown lm1 "$T/home/lm1/.bivalverc"
{ to lm1; printf 'data %s\n< 250\n' "$T/one"; } >"$T/first"
talk <"$T/first" &
i=0
while [ ! -e "$T/tmp/waits" ] && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
monitor=$(pgrep -f '^bivalve: LMTP monitor' | while read -r p; do
	[ "$(readlink "/proc/$p/exe")" != "$T/bin/bivalve" ] || echo "$p"
done)
# child TITLE: the monitor's child of that title
child() {
	pgrep -P "$monitor" -f "^bivalve: $1"
}
# of PID KEY: a line of its status
of() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '
}
is "$(of "$monitor" Uid)" "0 0 0 0" "the monitor is root"
session=$(child "LMTP session")
nobody=$(id -u nobody)
is "$(of "$session" Uid)" "$nobody $nobody $nobody $nobody" "the session is scan_user"
is "$(of "$session" Groups)" "" "in no group"
is "$(of "$session" Seccomp)-$(of "$session" NoNewPrivs)" "2-1" "behind a filter"
is "$(find "/proc/$session/fd" -type l -exec readlink {} + | grep -cvE '^(pipe|socket):|^/memfd:')" 0 \
    "it holds pipes, sockets and memfds"
is "$(find "/proc/$monitor/fd" -type l -exec readlink {} + | grep -c '^pipe:')" "$(
    [ -p "/proc/$monitor/fd/2" ] && echo 1 || echo 0)" "the monitor holds no end of the connection"
is "$(of "$(child "delivery for lm1")" Uid)" "31001 31001 31001 31001" "the delivery is lm1"
is "$(of "$(child "user lookup")" Uid)" "$nobody $nobody $nobody $nobody" \
    "the lookup is scan_user"
rm -f "$T/tmp/waits"
wait

# ---- one scan
conf </dev/null
fresh
cat >"$T/site.rc" <<X
:0
* scan:status ?? ^clean
{
	X=\`echo seen\`
	:0 fh
	* TAG ?? .
	| sed 's/^Subject:/X-Tag: x\nSubject:/'
	:0
	* scan:status ?? ^clean
	$T/mail/\$LOGNAME
}
X
{ to lm1 lm2 lm3; printf 'data %s\n< 250\n< 250\n< 250\n' "$T/one"; } | talk
is "$?-$(starts)" 0-1 "three recipients who ask for a scan: one scanner"
for n in 1 2 3; do
	ok "lm$n has the message" grep -q '^body$' "$T/mail/lm$n"
done
rm -f "$T/tmp/starts"
python3 -c 'print("Subject: large\n\n" + ("y" * 70 + "\n") * 20000)' >"$T/large"
{ to lm1 lm2; printf 'data %s\n< 250\n< 250\n' "$T/large"; } | talk
is "$?-$(starts)" 0-1 "the same for a message that is held in a file"
rm -f "$T/tmp/starts"
echo TAG=yes >"$T/site2.rc"
cat "$T/site.rc" >>"$T/site2.rc"
cat >"$T/site.rc" <<X
:0
* LOGNAME ?? lm2
{ INCLUDERC=$T/site2.rc }
:0
* scan:status ?? ^clean
$T/mail/\$LOGNAME
X
chmod 644 "$T/site2.rc"
{ to lm1 lm2 lm3; printf 'data %s\n< 250\n< 250\n< 250\n' "$T/one"; } | talk
is "$?-$(starts)" 0-2 "a message that a filter changed is scanned again, for that recipient"
ok "and it is the changed one" grep -q '^X-Tag: x' "$T/mail/lm2"

# ---- one parse
fresh
cat >"$T/site.rc" <<X
:0
* ! mime:type ?? ^text/plain
@defer no text
X
{ to lm1 lm2 lm3; printf 'data %s\n< 250\n< 250\n< 250\n' "$T/one"; } | talk
is "$?-$(starts)" 0-1 "three recipients who look at its parts: one scanner"
fresh
cat >"$T/bin/dies" <<X
#!/bin/sh
echo start >>$T/tmp/starts
exit 1
X
chmod 755 "$T/bin/dies"
conf <<X
scanner = $T/bin/dies
X
cat >"$T/site.rc" <<X
:0
* mime:type ?? ^application/
programs
X
{ to lm1 lm2; printf 'data %s\n< 451 4.7.1\n< 451 4.7.1\n' "$T/one"; } | talk
is $? 0 "parts that cannot be looked at: deferred, not taken for others"
is "$(find "$T/mail" "$T/home" -type f)" "" "and nobody has it"
ok "it was tried twice, for all of them" test "$(starts)" -le 2
# ---- no room for a large message
if mkdir "$T/small" && mount -t tmpfs -o size=300k none "$T/small"; then
	conf <<X
spool_dir = $T/small
X
	fresh
	: >"$T/site.rc"
	{
		to lm1 lm2
		printf 'data %s\n< 452 4.3.1\n< 452 4.3.1\n' "$T/large"
		to lm1 | sed 1,3d
		printf 'data %s\n< 250\n> QUIT\n< 221\n' "$T/one"
	} | talk
	is $? 0 "no room in spool_dir: 452 for each recipient, and the connection goes on"
	is "$(ls "$T/mail")-$(grep -c '^y' "$T/mail/lm1")" lm1-0 "nothing of it is delivered"
	umount "$T/small"
else
	skip "no room in spool_dir" "no tmpfs here"
fi
conf </dev/null

# ---- a part that is taken out, for one recipient
fresh
rm -f "$T/tmp/starts"
{
	printf 'Subject: infected\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n'
	printf -- '--b\n\nhello\n--b\nContent-Type: application/x-x; name=e.com\n\n'
	printf 'X5O!P%%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n--b--\n'
} >"$T/infected"
cat >"$T/site.rc" <<X
:0
* LOGNAME ?? lm2
* scan:status ?? infected
@strip
:0
$T/mail/\$LOGNAME
X
{ to lm1 lm2; printf 'data %s\n< 250\n< 250\n' "$T/infected"; } | talk
is "$?" 0 "@strip over LMTP"
is "$(grep -c EICAR-STANDARD "$T/mail/lm1")-$(grep -c EICAR-STANDARD "$T/mail/lm2")" 1-0 \
    "takes the part out of that recipient's message"
ok "and leaves the rest" grep -q '^hello$' "$T/mail/lm2"

conf <<X
database = $T/empty
X
fresh
cat >"$T/site.rc" <<X
:0
* scan:status ?? ^clean
$T/mail/\$LOGNAME
:0
* scan:status ?? ^error
@defer not scanned
X
{ to lm1 lm2; printf 'data %s\n< 451 4.7.1\n< 451 4.7.1\n' "$T/one"; } | talk
is $? 0 "what cannot be scanned stays with the MTA, for each recipient"
ok "and was tried twice, for all of them" test "$(starts)" -le 2

# ---- a quarantine of one's own
conf </dev/null
fresh
printf ':0\n@quarantine looks odd\n' >"$T/site.rc"
own() {
	(cd / && setpriv --reuid=lm1 --regid=31000 --clear-groups env -i PATH="$PATH" \
	    "$T/bin/bivalve" --config "$T/conf" -Y <"$T/one" >"$T/log" 2>&1)
}
own
is $? 0 "@quarantine without an administrator"
kept=$T/home/lm1/.local/state/bivalve/quarantine
is "$(find "$kept" -name '*.eml' -perm 600 | wc -l)-$(stat -c '%a %U' "$kept")" "1-700 lm1" \
    "is kept below the user's home, for him alone"
ok "the whole message" grep -q '^body$' "$kept"/*.eml
is "$(ls "$T/mail")" "" "and no mailbox has it"
rm -rf "$T/home/lm1/.local"
: >"$T/home/lm1/.local"
own
is $? 75 "where none can be made: deferred"
rm -f "$T/home/lm1/.local"

# ---- deliveries that die or hang
conf <<X
timeout = 2
X
fresh
: >"$T/site.rc"
cat >"$T/home/lm1/.bivalverc" <<'X'
:0
* ? kill -9 $PPID; :
$HOME/never
X
cat >"$T/home/lm3/.bivalverc" <<'X'
:0
* ? sleep 30
$HOME/never
X
chown lm1 "$T/home/lm1/.bivalverc"
chown lm3 "$T/home/lm3/.bivalverc"
{
	to lm1 lm2 lm3
	printf 'data %s\n< 451 4.3.0\n< 250\n< 451 4.3.0\n> QUIT\n< 221\n' "$T/one"
} | talk
is $? 0 "a delivery that is killed, one that is not, and one that hangs: 451, 250, 451"
is "$(ls "$T/mail")" "lm2" "only the good one has left something"

# More recipients than deliveries at once, two of them dying.
conf <<X
parallel_deliveries = 2
X
rm -f "$T/home/lm3/.bivalverc"
fresh
cat >"$T/home/lm1/.bivalverc" <<'X'
:0
* ? kill -9 $PPID; :
$HOME/never
X
chown lm1 "$T/home/lm1/.bivalverc"
{
	to lm2 lm1 lm3 lm1+x lm2+y
	printf 'data %s\n< 250\n< 451\n< 250\n< 451\n< 250\n> QUIT\n< 221\n' "$T/one"
} | talk
is $? 0 "replies come in the order of the recipients, two at a time"
is "$(grep -c '^body$' "$T/mail/lm2")" 2 "each recipient is delivered to"

# ---- a clone that goes on
conf </dev/null
fresh
cat >"$T/home/lm1/.bivalverc" <<'X'
:0 c
{
	:0
	* ? sleep 4
	* scan:status ?? ^clean
	$HOME/late
}
X
chown lm1 "$T/home/lm1/.bivalverc"
{ to lm1; printf 'data %s\n< 250\n> QUIT\n< 221\n' "$T/one"; } | talk
is $? 0 "a clone goes on behind the reply"
not_ok "which does not wait for it" test -e "$T/home/lm1/late"
i=0
while [ ! -s "$T/home/lm1/late" ] && [ $i -lt 200 ]; do
	sleep 0.1
	i=$((i + 1))
done
ok "and it is served when the connection is over" grep -q '^body$' "$T/home/lm1/late"

# ---- code planted in the session
fresh
rm -f "$T/home/lm1/.bivalverc"
if [ -n "${SAN-}" ]; then
	skip "planted code" "a sanitizer's library must come first"
elif ! ${CC:-cc} -O1 -D_GNU_SOURCE -shared -fPIC -o "$T/plant.so" "$TOP/tests/lmtp/plant.c" -ldl; then
	skip "planted code" "the library does not compile"
else
	chmod 755 "$T/plant.so"
	PLANT=nothing
	{ to lm2; printf 'data %s\n< 250\n' "$T/one"; } | talk
	is $? 0 "a planted library that does nothing changes nothing"
	for PLANT in open proc socket pair datagram owner exec fork kill ptrace code uid memfd cut more \
	    much; do
		{ to lm2; printf 'data %s\n< 250\n' "$T/one"; } | sed '/354/,$d' >"$T/plant.script"
		echo eof >>"$T/plant.script"
		talk <"$T/plant.script"
		is $? 0 "planted in the session, $PLANT ends it"
	done
	PLANT=fill
	cp "$T/conf" "$T/conf.any"
	echo 'max_message_size = 1' >>"$T/conf"
	{ to lm2; printf 'data %s\n< 250\n' "$T/one"; } | sed '/354/,$d' >"$T/plant.script"
	echo eof >>"$T/plant.script"
	talk <"$T/plant.script"
	is $? 0 "planted in the session, a file holds the largest message and not much more"
	cp "$T/conf.any" "$T/conf"
	rm -f "$T/mail"/*
	for PLANT in order-unknown order-short order-long order-no-message order-own order-much \
	    order-root; do
		{ to lm2; printf 'sleep 0.3\ndata %s\neof\n' "$T/one"; } |
		    sed 's/^< 354/<*/' >"$T/plant.script"
		talk <"$T/plant.script"
		is $? 0 "planted in the session, $PLANT ends it"
		is "$(ls "$T/mail")" "" "and delivers nothing"
	done
	PLANT=keep
	rm -f "$T/mail"/* "$T/tmp/go"
	{ echo 'Subject: s'; echo; yes 0123456789 | head -c 60000; } >"$T/some"
	{
		printf '< 220\n> LHLO p\n< 250\n'
		for n in 1 2 3 4 5 6 7 8 9 10; do
			printf '> MAIL FROM:<s@x.test>\n< 250\n> RCPT TO:<lm2>\n< 250\n'
			printf '> DATA\n< 354\ndata %s\n< 250\n' "$T/some"
		done
		printf 'await %s\n' "$T/tmp/go"
	} >"$T/plant.script"
	talk <"$T/plant.script" &
	for _ in $(seq 200); do
		[ "$(grep -c '^Subject: s' "$T/mail/lm2" 2>/dev/null)" != 10 ] || break
		sleep 0.1
	done
	sleep 0.2
	for process in /proc/[0-9]*; do
		grep -aq '^bivalve: LMTP session' "$process/cmdline" 2>/dev/null || continue
		grep -q "$T/plant.so" "$process/maps" || continue
		for fd in "$process"/fd/*; do
			case $(readlink "$fd") in
			*memfd:message*) stat -L -c '%b * %B' "$fd" ;;
			esac
		done
	done >"$T/held"
	is "$(wc -l <"$T/held")" 10 "planted in the session, it keeps the memory of ten messages"
	is "$(($(paste -sd+ "$T/held") > 130000))" 0 "and one of them is what it has"
	touch "$T/tmp/go"
	wait
	PLANT=unheard
	{
		to lm2
		printf 'data %s\n< 45\n> MAIL FROM:<s@x.test>\n< 250\n' "$T/one"
		printf '> RCPT TO:<lm2>\n< 250\n> DATA\n< 45\n> QUIT\n< 221\neof\n'
	} >"$T/plant.script"
	talk <"$T/plant.script"
	is $? 0 "a message that cannot be handed over: 452, and so the next, at once"
	PLANT=userdb
	{
		to lm2
		printf 'data %s\n< 250\n> MAIL FROM:<s@x.test>\n< 250\n' "$T/one"
		printf '> RCPT TO:<%s>\n< %s\n' down1 '451 4.3.0' lm2 250 nosuchuser '550 5.1.1'
		printf '> DATA\n< 354\ndata %s\n< 250\n> QUIT\n< 221\n' "$T/one"
	} >"$T/plant.script"
	talk <"$T/plant.script"
	is $? 0 "a user database that is down: 451, and only for whom it was asked"
	rm -f "$T/mail"/*
	# It changes a large message between the scan and the delivery.
	cat >"$T/home/lm2/.bivalverc" <<-X
		:0
		* scan:status ?? ^clean
		* ? touch $T/tmp/waits; for i in \`seq 200\`; do [ -e $T/tmp/waits ] || break; sleep 0.1; done
		$T/mail/lm2
	X
	chown lm2 "$T/home/lm2/.bivalverc"
	for PLANT in rewrite rewrite-copy; do
		rm -f "$T/tmp/waits" "$T/mail"/*
		{
			to lm2
			printf 'data %s\nawait %s\n> NOOP\n< 250 changed\n' "$T/large" "$T/tmp/waits"
			printf 'remove %s\n< 250\n' "$T/tmp/waits"
		} >"$T/plant.script"
		talk <"$T/plant.script"
		is $? 0 "planted in the session, $PLANT changes what is nobody's message"
		is "$(grep -c EVIL "$T/mail/lm2")-$(grep -c '^y*$' "$T/mail/lm2")" 0-20002 \
		    "and what was scanned is delivered"
	done
	PLANT=
fi
is "$(ls "$T/spool")" "" "nothing is left in spool_dir"
done_testing
