#!/bin/sh
# desktop.t: the ready .mc files with a real sendmail: a desktop that queues for its smart host and
# delivers what is for its own accounts, and a null client.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/foreign.sh
. "$TOP/tests/lib/foreign.sh"

[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
[ -x /usr/libexec/sendmail/sendmail ] || skip_all "sendmail is not installed"
[ -f /usr/share/sendmail/cf/m4/cf.m4 ] || skip_all "sendmail-cf is not installed"
need python3 m4
foreign_begin "$0"

mkdir "$R/bin" "$R/sink"
cp "$B"/bivalve* "$R/bin/"
foreign_account u1 20001
foreign_account u2 20002
python3 "$TOP/tests/lib/smtpsink.py" "$R/port" "$R/sink" 2525 >&2 &
printf 'site_recipes = %s\n' "$R/site.rc" >"$R/conf"
printf 'DEFAULT=$HOME/Maildir/\n' >"$R/site.rc"
cp "$TOP"/recipes/sendmail/*.m4 /usr/share/sendmail/cf/feature/
cp /etc/hosts "$R/hosts"
printf '127.0.0.1 desk.home.test localhost\n127.0.0.3 hub.example.org\n' >"$R/hosts"
mount --bind "$R/hosts" /etc/hosts
hostname desk.home.test 2>/dev/null
printf 'hosts files\naliases files\n' >/etc/mail/service.switch
: >/etc/mail/aliases
: >/etc/mail/local-host-names
: >/etc/mail/trusted-users
rm -rf /var/spool/mqueue /var/spool/mqueue-client
mkdir -p /var/spool/mqueue /run/sendmail/mta /run/sendmail/msp /var/lib/sendmail/host_status
chmod 700 /var/spool/mqueue
mkdir -m 2770 /var/spool/mqueue-client
chown smmsp:smmsp /var/spool/mqueue-client /run/sendmail/msp
# However busy this machine is.
cat >"$R/ports" <<'X'
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
define(`confDELAY_LA', `0')dnl
define(`RELAY_MAILER_ARGS', `TCP $h 2525')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h 2525')dnl
define(`SMTP_MAILER_ARGS', `TCP $h 2525')dnl
define(`confSERVICE_SWITCH_FILE', `/etc/mail/service.switch')dnl
X

# up FILE: a ready .mc file with our smart host, the built programs, and a port that is free
up() {
	sed "s/smtp\.example\.org/127.0.0.1/
	    s|FEATURE(.local_bivalve')dnl|FEATURE(\`local_bivalve', \`', \`$R/bin/bivalve', \`', \`--config $R/conf')dnl|
	    /^OSTYPE/r $R/ports" "$TOP/recipes/sendmail/$1" >/etc/mail/sendmail.mc
	m4 /etc/mail/sendmail.mc >/etc/mail/sendmail.cf || return
	/usr/libexec/sendmail/sendmail -bd >"$R/sendmail" 2>&1
	foreign_until listens
}
listens() {
	python3 -c 'import socket; socket.create_connection(("127.0.0.1", 25))' 2>/dev/null
}
is_away() {
	! listens
}
down() {
	kill "$(sed 1q /run/sendmail/mta/sendmail.pid)"
	foreign_until is_away
}
# mail_to RECIPIENT SUBJECT: as u2 on the command line
mail_to() {
	printf 'To: %s\nSubject: %s\n\nbody of %s\n' "$1" "$2" "$2" |
	    setpriv --reuid=20002 --regid=20002 --clear-groups /usr/sbin/sendmail -oi "$1" >&2
}
has() {
	grep -qs "^body of $2\$" "$R/home/$1"/Maildir/new/*
}
sent() {
	grep -qs "^body of $1\$" "$R"/sink/*.msg
}
run_has_sent() {
	/usr/libexec/sendmail/sendmail -q && sent "$1"
}
envelope() {
	grep -l "^body of $1\$" "$R"/sink/*.msg | xargs -r sed 1q
}
queued() {
	find /var/spool/mqueue -name 'qf*' | grep -c .
}
is_queued() {
	[ "$(queued)" -eq "$1" ]
}

up desktop.mc || skip_all "sendmail does not start here: $(tail -n 1 "$R/sendmail")"
mail_to u1 local
ok "desktop: mail for an account is delivered by bivalve, at once" foreign_until has u1 local
mail_to someone@far.test far
ok "desktop: mail for others waits in the queue" foreign_until is_queued 1
not_ok "desktop: and is not sent yet" sent far
mail_to nobody-here nobody
ok "desktop: so does a name that has no account here" foreign_until is_queued 2
ok "desktop: a queue run sends it to the smart host" foreign_until run_has_sent far
is "$(envelope far)" "<u2@example.org> <someone@far.test>" "desktop: from the domain the world knows"
ok "desktop: the other, too" foreign_until run_has_sent nobody
like "$(envelope nobody)" '<nobody-here@' "desktop: under its name"
printf '! friend@far.test\n' | sed 's/^/:0\n/' >"$R/home/u1/.bivalverc"
chown u1 "$R/home/u1/.bivalverc"
mail_to u1 forward
ok "desktop: a recipe's forward is queued, too" foreign_until is_queued 1
ok "desktop: and sent" foreign_until run_has_sent forward
rm "$R/home/u1/.bivalverc"
ok "desktop: nothing is left" foreign_until is_queued 0
down

rm -f "$R"/sink/*
up nullclient.mc
mail_to u1 hub
ok "null client: mail for a name here goes to the hub" foreign_until sent hub
is "$(envelope hub)" "<u2@hub.example.org> <u1@hub.example.org>" "null client: as the hub's"
not_ok "null client: and is not delivered here" has u1 hub
down
done_testing
