divert(-1)
dnl
dnl bivalve_blocklist.m4 - refuse clients that are on bivalve's relay block list.
dnl
dnl	FEATURE(`bivalve_blocklist' [, `FILE' [, `later']])
dnl
dnl FILE	the map without its ".db" (/var/lib/bivalve/blocklist/virbl)
dnl later	a 421 in place of the banner: an honest server tries again when the entry has expired
dnl
dnl Clients are refused with 550 at MAIL, with FEATURE(`delay_checks') at RCPT.  The map is opened anew
dnl for each connection.  It has no flag -o: a map that cannot be used lets everybody in, and this way
dnl the log says so.  A site with its own SLocal_check_relay puts the three rules in front of its own.
dnl
divert(0)
VERSIONID(`bivalve_blocklist.m4, bivalve')
divert(-1)

LOCAL_CONFIG
# bivalve: who sent what bivalve objected to, and when
Kvirbl btree -a.FOUND ifelse(defn(`_ARG_'), `', `/var/lib/bivalve/blocklist/virbl', _ARG_)
LOCAL_RULESETS
SLocal_check_relay
R$*			$: $&{client_addr}
R$+			$: $(virbl $1 $)
R$+.FOUND		ifelse(_ARG2_, `later',
`$#error $@ 4.7.1 $: "421 4.7.1 " $&{client_addr} " sent malware; listed since " $1 "; try again later"',
`$#error $@ 5.7.1 $: "550 5.7.1 " $&{client_addr} " sent malware; listed since " $1')
R$*			$: OK
divert(-1)
