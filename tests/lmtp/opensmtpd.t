#!/bin/sh
# opensmtpd.t: an OpenSMTPD with its own configuration and queue delivers by LMTP, with the lines of
# doc/SENDMAIL.md: to bivalved's socket and to its TCP port.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/foreign.sh
. "$TOP/tests/lib/foreign.sh"

[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
need python3
foreign_begin "$0" opensmtpd libevent-2.1-7
foreign_has opensmtpd || skip_all "the package opensmtpd cannot be had"
# shellcheck source=tests/lmtp/mta.sh
. "$TOP/tests/lmtp/mta.sh"

# opensmtpd_start ACTION-LINE
opensmtpd_start() {
	cat >/etc/smtpd.conf <<X
listen on 127.0.0.1 port 25 hostname mx.here.test
smtp sub-addr-delim "+"
bounce warn-interval 1d
$1
action "smart" relay host smtp+notls://127.0.0.1:2525
match from any for domain "here.test" action "local"
match from any for any action "smart"
X
	smtpd -d -v >>"$R/smtpd.log" 2>&1 &
	smtpd=$!
	foreign_until opensmtpd_listens
}
opensmtpd_listens() {
	python3 -c 'import socket; socket.create_connection(("127.0.0.1", 25))'
}
# Its processes wait for each other, now and then for ever.
opensmtpd_stop() {
	kill "$smtpd"
	opensmtpd_n=0
	while kill -0 "$smtpd" 2>/dev/null && [ $opensmtpd_n -lt 100 ]; do
		opensmtpd_n=$((opensmtpd_n + 1))
		sleep 0.1
	done
	pkill -KILL -x smtpd
	wait "$smtpd" 2>/dev/null
}
mta_flush() {
	smtpctl schedule all
}
mta_waits() {
	smtpctl show queue | grep -q 'u4@here.test'
}

foreign_account opensmtpd 30001 /usr/sbin/nologin
foreign_account opensmtpq 30002 /usr/sbin/nologin
mkdir -p /var/lib/opensmtpd/empty
chmod 755 /var/lib/opensmtpd /var/lib/opensmtpd/empty
chgrp opensmtpq /usr/sbin/smtpctl
chmod 2555 /usr/sbin/smtpctl
echo mx.here.test >/etc/mailname
mta_begin
echo 'lmtp_owner = opensmtpd' >>"$R/conf"
mta_serve
mta_simple=yes
opensmtpd_start "$(sed -n '/^action "local" lmtp "\/run/p' "$TOP/doc/SENDMAIL.md")" ||
	skip_all "OpenSMTPD does not start here: $(tail -n 1 "$R/smtpd.log")"
mta_conversation socket 20
mta_while_away socket

# Its mail.lmtp takes any refusal for a temporary one.
printf ':0\n@reject not for me\n' | mta_rcfile u3
mta_send refused a@sender.test u3@here.test
ok "socket: a recipe's refusal stays in the queue" \
    foreign_until grep -q 'to=<u3@here.test>.*result="*TempFail' "$R/smtpd.log"
rm "$R/home/u3/.bivalverc"
ok "socket: and is not lost" foreign_until mta_flush_has u3 refused

opensmtpd_stop
opensmtpd_start 'action "local" lmtp "127.0.0.1:2424" rcpt-to' >&2
mta_conversation TCP 10
done_testing
