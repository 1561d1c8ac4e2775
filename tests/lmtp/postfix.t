#!/bin/sh
# postfix.t: a Postfix with its own configuration and queue delivers by LMTP: to bivalved's socket
# through local(8), to its TCP port with many recipients at once, and to bivalve --lmtp.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/foreign.sh
. "$TOP/tests/lib/foreign.sh"

[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
need python3
foreign_begin "$0" postfix libicu72 libsasl2-2 libnsl2
foreign_has postfix || skip_all "the package postfix cannot be had"
# shellcheck source=tests/lmtp/mta.sh
. "$TOP/tests/lmtp/mta.sh"

# postfix_conf LINE...: the rest is Debian's; the log is a file
postfix_conf() {
	cat >/etc/postfix/main.cf <<X
compatibility_level = 3.6
maillog_file = /var/log/postfix.log
myhostname = mx.here.test
mydestination = here.test
relayhost = [127.0.0.1]:2525
inet_interfaces = loopback-only
inet_protocols = ipv4
smtputf8_enable = yes
recipient_delimiter = +
local_recipient_maps =
biff = no
alias_maps =
alias_database =
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
lmtp_destination_concurrency_failed_cohort_limit = 100
default_destination_rate_delay = 0s
X
	printf '%s\n' "$@" >>/etc/postfix/main.cf
}
mta_flush() {
	postqueue -f
}
mta_waits() {
	postqueue -p | grep -q 'u4@here.test'
}

foreign_account postfix 30001 /usr/sbin/nologin
foreign_account postdrop 30002 /usr/sbin/nologin
mta_begin
chown postfix /var/lib/postfix
chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue
echo 'lmtp_owner = postfix' >>"$R/conf"
sed 's/-o smtp_fallback_relay=//' /usr/share/postfix/master.cf.dist >/etc/postfix/master.cf
[ -s /etc/postfix/dynamicmaps.cf ] || : >/etc/postfix/dynamicmaps.cf
postfix_conf 'mailbox_transport = lmtp:unix:/run/bivalve/lmtp'
# Debian's master.cf shuts lmtp(8) into the queue directory; doc/SENDMAIL.md has this line.
eval "$(sed -n 's/^\(postconf -F lmtp.*\) &&.*/\1/p' "$TOP/doc/SENDMAIL.md")" >&2
mta_serve
postfix -c /etc/postfix start >"$R/start" 2>&1
foreign_until grep -q 'daemon started' /var/log/postfix.log ||
	skip_all "Postfix does not start here: $(cat "$R/start" /var/log/postfix.log | tail -n 1)"
mta_conversation 'socket, through local(8)'
mta_while_away socket

# Several recipients in one transaction.
postconf -e 'mailbox_transport =' 'local_transport = lmtp:inet:127.0.0.1:2424' >&2
postfix reload >&2
mta_conversation 'TCP'

# One process a connection, as inetd starts it.
python3 "$TOP/tests/lib/inetd.py" 2425 "$R/bin/bivalve" --config "$R/conf" --lmtp >"$R/inetd" 2>&1 &
postconf -e 'local_transport = lmtp:inet:127.0.0.1:2425' >&2
postfix reload >&2
mta_conversation 'bivalve --lmtp' 3

# As a program, started as the recipient by local(8): doc/SENDMAIL.md has this line.
rm -rf "$R"/home/u?/Maildir "$R"/home/u?/log
line=$(sed -n 's/^mailbox_command = //p' "$TOP/doc/SENDMAIL.md" |
    sed "s,/usr/bin/bivalve,$R/bin/bivalve --config $R/conf,")
postconf -e 'local_transport = local' "mailbox_command = $line" >&2
postfix reload >&2
mta_send program a@sender.test u2+Detail@here.test
ok "mailbox_command: it arrives" foreign_until mta_has u2 program
# local(8) writes the extension in lower case.
is "$(sed 1q "$R/home/u2/log")" "detail=detail client=127.0.0.1 from=a@sender.test" \
    "mailbox_command: with detail, client and sender"
printf ':0\n@defer later\n' | mta_rcfile u2
mta_send program-waits a@sender.test u2@here.test
ok "mailbox_command: what is deferred waits" foreign_until grep -q 'to=<u2@here.test>.*status=deferred' \
    /var/log/postfix.log
rm "$R/home/u2/.bivalverc"
ok "mailbox_command: and comes later" foreign_until mta_flush_has u2 program-waits
done_testing
