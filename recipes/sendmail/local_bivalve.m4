divert(-1)
dnl
dnl local_bivalve.m4 - bivalve as sendmail's local mailer.
dnl
dnl	FEATURE(`local_bivalve' [, `VARIANT' [, `PATH' [, `FLAGS' [, `OPTIONS' [, `PROGRAM']]]]])
dnl
dnl VARIANT	lmtp	the default: a process that speaks LMTP on its standard input and output, for
dnl			one message after another; it has an end mark, and each reply a status code
dnl			and a text
dnl		exec	one process a recipient, the message on standard input, an exit status
dnl		socket	LMTP to a server on a Unix socket
dnl PATH		the program (/usr/bin/bivalve), or the socket (/run/bivalve/lmtp)
dnl FLAGS		for F=, added to sendmail's own lsDFMAw5:/|@q, instead of those below
dnl OPTIONS	of the program, put behind its name
dnl PROGRAM	with socket: the program (/usr/bin/bivalve) that gets what has a +detail
dnl
dnl It comes behind OSTYPE and before MAILER(local).  What is here and why:
dnl
dnl	S	start as root: only root can become the recipient
dnl	P	Return-Path
dnl	n	no From_ line: bivalve makes it
dnl	h u	keep the case of user+Detail
dnl	X z	LMTP
dnl	m	several recipients at once: the message is scanned once for all of them.  With exec
dnl		they would share one exit status
dnl	not 9	it re-encodes bodies: DKIM breaks, and the original is hidden from the scanner
dnl
dnl LMTP has no word for +detail: RCPT names the account alone.  A program can be told when it is
dnl started, but sendmail keeps it for the next message, of another recipient.  So with lmtp and socket
dnl there is a second mailer, localplus, for the recipients that have one, or the address that a
dnl mailertable's "local:user" had: a process for each.  It is chosen where sendmail puts user and detail
dnl apart for good (ruleset 5, behind the aliases).
dnl
dnl ${client_addr} is the relay's address.  persistentMacros keeps it with mail that waits in the queue.
dnl
divert(0)
VERSIONID(`local_bivalve.m4, bivalve')
divert(-1)

ifdef(`_MAILER_local_',
	`errprint(`*** FEATURE(local_bivalve) must occur before MAILER(local)
')')dnl

define(`_BIVALVE_VARIANT_', ifelse(defn(`_ARG_'), `', `lmtp', _ARG_))
define(`_BIVALVE_PATH_', ifelse(len(X`'_ARG2_), `1',
	`ifelse(_BIVALVE_VARIANT_, `socket', `/run/bivalve/lmtp', `/usr/bin/bivalve')', _ARG2_))
define(`_BIVALVE_OPTIONS_', ifelse(len(X`'_ARG4_), `1', `', ` _ARG4_'))
define(`_BIVALVE_PROGRAM_', ifelse(_BIVALVE_VARIANT_, `socket',
	`ifelse(len(X`'_ARG5_), `1', `/usr/bin/bivalve', _ARG5_)', `_BIVALVE_PATH_'))

dnl An OS type or another FEATURE may have set these.
undefine(`_LOCAL_LMTP_')
undefine(`LOCAL_MAILER_DSN_DIAGNOSTIC_CODE')
undefine(`LOCAL_MAILER_EOL')
undefine(`LOCAL_MAILER_FLAGS')

ifelse(_BIVALVE_VARIANT_, `exec',
`define(`LOCAL_MAILER_PATH', _BIVALVE_PATH_)
define(`LOCAL_MAILER_ARGS', `bivalve'_BIVALVE_OPTIONS_` -f $g -c ${client_addr} --id $i -a $h -d $u')
define(`LOCAL_MAILER_FLAGS', `SPhnu')',
_BIVALVE_VARIANT_, `lmtp',
`define(`LOCAL_MAILER_PATH', _BIVALVE_PATH_)
define(`LOCAL_MAILER_ARGS', `bivalve'_BIVALVE_OPTIONS_` --lmtp -c ${client_addr} --id $i')
define(`LOCAL_MAILER_FLAGS', `SPXhmnuz')
define(`LOCAL_MAILER_DSN_DIAGNOSTIC_CODE', `SMTP')
define(`_LOCAL_LMTP_', `1')
MODIFY_MAILER_FLAGS(`LOCAL', `+m')',
_BIVALVE_VARIANT_, `socket',
`define(`LOCAL_MAILER_PATH', `[IPC]')
define(`LOCAL_MAILER_ARGS', `FILE '_BIVALVE_PATH_)
define(`LOCAL_MAILER_FLAGS', `PXhmnuz')
define(`LOCAL_MAILER_EOL', `\r\n')
define(`LOCAL_MAILER_DSN_DIAGNOSTIC_CODE', `SMTP')
define(`_LOCAL_LMTP_', `1')
MODIFY_MAILER_FLAGS(`LOCAL', `+m')',
`errprint(`*** FEATURE(local_bivalve): the variant is exec, lmtp or socket, not '_BIVALVE_VARIANT_`
')')
ifelse(_BIVALVE_VARIANT_, `exec', `MODIFY_MAILER_FLAGS(`LOCAL', `-m')')
ifelse(len(X`'_ARG3_), `1', `', `define(`LOCAL_MAILER_FLAGS', _ARG3_)')

LOCAL_CONFIG
# bivalve: keep the client's address with a message that is queued
C{persistentMacros}{client_addr}
ifelse(_BIVALVE_VARIANT_, `exec', `', `# bivalve: where there is a LUSER_RELAY, those that have an account stay
Kbivalveuser user -m -a<>
')divert(-1)

ifelse(_BIVALVE_VARIANT_, `exec', `', `
MAILER_DEFINITIONS
# bivalve: recipients with +detail, which the program is told when it is started
Mlocalplus,	P=_BIVALVE_PROGRAM_, F=lsDFMAw5:/|@qSPXhnuz, S=EnvFromSMTP/HdrFromL, R=EnvToL/HdrToL,
		T=DNS/RFC822/SMTP,
		A=`bivalve'_BIVALVE_OPTIONS_` --lmtp -c ${client_addr} --id $i -a $h'

LOCAL_RULESETS
SLocal_localaddr
# bivalve: an account with a detail apart ($h), that goes neither to a hub nor to a relay
R$+ + $*		$@ $1 + $2
R$+			$: < $&h > < $&H $&R > < $&L > $1
R< + $* > $+		$: < $1 > $2
R< $+ > < > < $+ > $+	$: < $1 > < > < $2 > $(bivalveuser $3 $)
R< $+ > < > < $+ > $+ <>	$: < $1 > < > < > $3
R< $+ > < > < > $+	$#localplus $@ $1 $: @ $2
R< $* > < $* > < $* > $+	$@ $4
divert(-1)')
