#!/bin/sh
# mailers.t: forwards ("! address") and letters back to the sender ("formail -r | $SENDMAIL -t")
# through every program that has sendmail's command line: each real, with a configuration and a queue
# of its own, to a server on loopback.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
# shellcheck source=tests/lib/foreign.sh
. "$TOP/tests/lib/foreign.sh"

[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
need python3
foreign_begin "$0" nullmailer dma msmtp libgsasl18 libsecret-1-0 libntlm0 libgssglue1 exim4-daemon-light libgnutls-dane0 \
    libidn12 libunbound8 libnsl2 postfix libicu72 libsasl2-2

mkdir "$R/bin" "$R/sink"
cp "$B"/bivalve* "$R/bin/"
foreign_account u1 20001
python3 "$TOP/tests/lib/smtpsink.py" "$R/port" "$R/sink" 2525 >&2 &
echo here.test >/etc/mailname
printf 'From a@sender.test Tue Nov 24 01:00:00 2026\nFrom: a@sender.test\nTo: b@here.test\nSubject: on\n' \
    >"$T/msg"
printf 'Message-ID: <1@sender.test>\n\n.\n.a dot, From here\nFrom here\n' >>"$T/msg"
printf 'site_recipes =\n' >"$R/conf"
foreign_until test -s "$R/port"

as_u1() {
	(cd "$R/home/u1" && setpriv --reuid=20001 --regid=20001 --clear-groups env -i PATH="$PATH" \
	    HOME="$R/home/u1" LOGNAME=u1 "$@")
}
# deliver: the rcfile is standard input
deliver() {
	rm -f "$R"/sink/* "$R/home/u1/inbox"
	cat >"$R/home/u1/rc"
	as_u1 "$R/bin/bivalve" --config "$R/conf" DEFAULT="$R/home/u1/inbox" rc <"$T/msg" >"$T/out" \
	    2>"$T/err"
}
arrived() {
	[ -n "$(find "$R/sink" -name '*.msg')" ]
}
recipients() {
	for copy in "$R"/sink/*.msg; do
		sed 1q "$copy"
	done | cut -d ' ' -f 2- | tr ' ' '\n' | sort | tr '\n' ' '
}
arrived_for_both() {
	recipients | grep -q '<c@.*<d@'
}
# forwards NAME SENDMAIL FLAGS
forwards() {
	deliver <<X
SENDMAIL=$2
SENDMAILFLAGS="$3"
:0
! c@far.test d@far.test
X
	is $? 0 "$1 takes the mail" || diag "$(cat "$T/err")"
	# Some send each his own copy.
	foreign_until arrived_for_both
	is "$(recipients)" "<c@far.test> <d@far.test> " "$1: once for both addresses"
	for copy in "$R"/sink/*.msg; do
		is "$(sed '1,/^$/d' "$copy")" "$(sed '1,/^$/d' "$T/msg")" "$1: the body as it was"
	done
	not_ok "$1: nothing is left in the mailbox" test -e "$R/home/u1/inbox"
	deliver <<X
SENDMAIL=$2
:0 h w
| (formail -r -A "X-Loop: me@here.test"; echo "Not for me.") | \$SENDMAIL $3 -t
X
	is $? 0 "$1 takes a letter back" || diag "$(cat "$T/err")"
	foreign_until arrived
	like "$(cat "$R"/sink/*.msg)" '^<.*> <a@sender\.test>$' "$1: to the sender"
	is "$(cat "$R"/sink/*.msg | grep -c '^Not for me\.')" 1 "$1: once"
}
# refuses NAME SENDMAIL FLAGS: what it does not take is in DEFAULT
refuses() {
	deliver <<X
SENDMAIL=$2
SENDMAILFLAGS="$3"
:0
! c@far.test
X
	ok "$1: what it does not take is in DEFAULT" test -s "$R/home/u1/inbox"
}

printf '#!/bin/sh\ncat >/dev/null\nexit 1\n' >"$R/fails"
chmod 755 "$R/fails"
refuses "a mailer that exits with 1" "$R/fails" "-oi"
refuses "a mailer that is not there" "$R/nosuch" "-oi"

# ---- msmtp: no queue, it sends while one waits
if foreign_has msmtp && /usr/bin/msmtp --version >/dev/null 2>&1; then
	for port in 2525 1; do
		printf 'account default\nhost 127.0.0.1\nport %s\nfrom b@here.test\nauth off\ntls off\n' \
		    "$port" >"$R/msmtprc.$port"
	done
	forwards msmtp /usr/bin/msmtp "-C $R/msmtprc.2525 -oi"
	refuses "msmtp without a server" /usr/bin/msmtp "-C $R/msmtprc.1 -oi"
else
	skip msmtp "the package cannot be had"
fi

# ---- nullmailer
if foreign_has nullmailer; then
	mkdir -p /etc/nullmailer /var/spool/nullmailer/queue /var/spool/nullmailer/tmp \
	    /var/spool/nullmailer/failed
	chown -R mail /var/spool/nullmailer
	mkfifo -m 622 /var/spool/nullmailer/trigger
	chown mail /var/spool/nullmailer/trigger
	echo "127.0.0.1 smtp --port=2525" >/etc/nullmailer/remotes
	echo here.test >/etc/nullmailer/me
	echo 1 >/etc/nullmailer/pausetime
	path=$R/packages/nullmailer/usr/sbin/sendmail
	[ -x "$path" ] || path=/usr/sbin/sendmail
	setpriv --reuid=mail --regid=mail --clear-groups nullmailer-send >"$R/nullmailer" 2>&1 &
	forwards nullmailer "$path" -oi || diag "$(tail "$R/nullmailer")"
	mv /var/spool/nullmailer /var/spool/away
	refuses "nullmailer without its queue" "$path" -oi
else
	skip nullmailer "the package cannot be had"
fi

# ---- dma
if foreign_has dma; then
	mkdir -p /etc/dma /var/spool/dma
	chown root:mail /var/spool/dma
	chmod 2775 /var/spool/dma
	printf 'SMARTHOST 127.0.0.1\nPORT 2525\nMAILNAME here.test\n' >/etc/dma/dma.conf
	: >/etc/dma/auth.conf
	: >/etc/aliases
	forwards dma /usr/sbin/dma -oi
	mv /var/spool/dma /var/spool/dma.away
	refuses "dma without its queue" /usr/sbin/dma -oi
else
	skip dma "the package cannot be had"
fi

# ---- Postfix's
if foreign_has postfix; then
	foreign_account postfix 30001 /usr/sbin/nologin
	foreign_account postdrop 30002 /usr/sbin/nologin
	chown postfix /var/lib/postfix
	chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
	chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue
	cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
	[ -s /etc/postfix/dynamicmaps.cf ] || : >/etc/postfix/dynamicmaps.cf
	cat >/etc/postfix/main.cf <<X
compatibility_level = 3.6
maillog_file = /var/log/postfix.log
myhostname = here.test
mydestination =
relayhost = [127.0.0.1]:2525
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
X
	path=$R/packages/postfix/usr/sbin/sendmail
	[ -x "$path" ] || path=/usr/sbin/sendmail
	if postfix start >"$R/postfix" 2>&1; then
		forwards Postfix "$path" -oi || diag "$(tail /var/log/postfix.log)"
		postfix stop >>"$R/postfix" 2>&1
		mv /var/spool/postfix /var/spool/postfix.away
		refuses "Postfix without its queue" "$path" -oi
	else
		skip Postfix "it does not start here: $(tail -n 1 "$R/postfix")"
	fi
else
	skip Postfix "the package cannot be had"
fi

# ---- Exim's
if foreign_has exim4-daemon-light; then
	foreign_account Debian-exim 30003 /usr/sbin/nologin
	mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
	chown Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
	cat >/etc/exim4/exim4.conf <<'X'
exim_user = Debian-exim
exim_group = Debian-exim
primary_hostname = here.test
log_file_path = /var/log/exim4/%slog
spool_directory = /var/spool/exim4
keep_environment =
begin routers
smart:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = smart
begin transports
smart:
  driver = smtp
  port = 2525
X
	# Delivering as another user than the one who calls needs the set-user-id bit.
	chmod 4755 /usr/sbin/exim4
	forwards Exim /usr/sbin/exim4 -oi || diag "$(cat /var/log/exim4/*)"
	mv /var/spool/exim4 /var/spool/exim4.away
	chmod 700 /var/spool
	refuses "Exim without its queue" /usr/sbin/exim4 "-C /etc/nosuch -oi"
	chmod 755 /var/spool
else
	skip Exim "the package cannot be had"
fi

done_testing
