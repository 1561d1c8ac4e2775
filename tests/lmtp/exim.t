#!/bin/sh
# exim.t: an Exim with its own configuration and queue delivers by LMTP: to bivalved's socket, to its
# TCP port, and to bivalve --lmtp.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/foreign.sh
. "$TOP/tests/lib/foreign.sh"

[ -x "$B/bivalved" ] || skip_all "bivalved is not built"
need python3
foreign_begin "$0" exim4-daemon-light libgnutls-dane0 libidn12 libunbound8 libnsl2
foreign_has exim4-daemon-light || skip_all "the package exim4-daemon-light cannot be had"
# shellcheck source=tests/lmtp/mta.sh
. "$TOP/tests/lmtp/mta.sh"

# documented NAME: that router or transport of doc/SENDMAIL.md
documented() {
	sed -n "/^$1:/,/^\`\`\`/p" "$TOP/doc/SENDMAIL.md" | grep -v '^```'
}
# exim_conf TRANSPORT: "socket", "pipe", or the port for LMTP over TCP
exim_conf() {
	mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
	chown Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
	cat >/etc/exim4/exim4.conf <<X
exim_user = Debian-exim
exim_group = Debian-exim
primary_hostname = mx.here.test
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
daemon_smtp_ports = 25
local_interfaces = 127.0.0.1
queue_only = false
queue_run_max = 1
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
allow_domain_literals = false
smtputf8_advertise_hosts = *
message_size_limit = 50M
acl_smtp_rcpt = accept_all
acl_smtp_data = accept_all
domainlist local_domains = here.test
begin acl
accept_all:
  accept
begin routers
smart:
  driver = manualroute
  domains = ! here.test
  route_list = * 127.0.0.1
  self = send
  transport = smart
$(case $1 in socket) transport=bivalve_delivery ;; pipe) transport=bivalve_pipe ;; *)
    transport=bivalve_tcp ;; esac; documented local_user | sed "s/bivalve_delivery/$transport/")

begin transports
smart:
  driver = smtp
  port = 2525
$(documented bivalve_delivery)
$(documented bivalve_tcp | sed "s/2424/$1/")
$(documented bivalve_pipe | sed "s,/usr/bin/bivalve,$R/bin/bivalve --config $R/conf,")

begin retry
* * F,1h,1s
X
}
exim_start() {
	exim_conf "$1"
	exim4 -bV >"$R/start" 2>&1 && exim4 -bd -q1h -oP /run/exim4/exim.pid >>"$R/start" 2>&1 &&
	    foreign_until exim_listens
}
exim_listens() {
	python3 -c 'import socket; socket.create_connection(("127.0.0.1", 25))'
}
exim_stop() {
	kill "$(cat /run/exim4/exim.pid)"
	rm -f /run/exim4/exim.pid
}
mta_flush() {
	exim4 -qff
}
mta_waits() {
	exim4 -bp | grep -q 'u4@here.test'
}

foreign_account Debian-exim 30001 /usr/sbin/nologin
mkdir -p /run/exim4
chown Debian-exim /run/exim4
mta_begin
echo 'lmtp_owner = Debian-exim' >>"$R/conf"
mta_serve
exim_start socket || skip_all "Exim does not start here: $(tail -n 1 "$R/start")"
mta_conversation socket
mta_while_away socket
exim_stop
exim_start 2424 >&2
mta_conversation TCP 20

python3 "$TOP/tests/lib/inetd.py" 2425 "$R/bin/bivalve" --config "$R/conf" --lmtp >"$R/inetd" 2>&1 &
exim_stop
exim_start 2425 >&2
mta_conversation 'bivalve --lmtp' 3

# As a program, started as the recipient; Exim writes the suffix in lower case.
exim_stop
exim_start pipe >&2
rm -rf "$R"/home/u?/Maildir "$R"/home/u?/log "$R"/sink/*
mta_send program a@sender.test u2+Some.Detail@here.test
ok "pipe: it arrives" foreign_until mta_has u2 program
is "$(sed 1q "$R/home/u2/log")" "detail=some.detail client=127.0.0.1 from=a@sender.test" \
    "pipe: with detail, client and sender"
printf ':0\n* ^Subject: waits\n@defer later\n:0\n* ^Subject: refused\n@reject not for me\n' | mta_rcfile u2
mta_send waits a@sender.test u2@here.test
mta_send refused a@sender.test u2@here.test
ok "pipe: a refusal comes back with its words" foreign_until mta_bounced u2 'not for me'
ok "pipe: what is deferred waits" foreign_until grep -q 'u2@here.test.*defer' /var/log/exim4/mainlog
rm "$R/home/u2/.bivalverc"
ok "pipe: and comes later" foreign_until mta_flush_has u2 waits
done_testing
