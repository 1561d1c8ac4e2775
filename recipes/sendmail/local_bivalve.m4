divert(-1)
dnl
dnl local_bivalve.m4 - bivalve as sendmail's local mailer.
dnl
dnl	FEATURE(`local_bivalve' [, `VARIANT' [, `PATH' [, `FLAGS' [, `OPTIONS']]]])
dnl
dnl VARIANT	lmtp	the default: one process a recipient that speaks LMTP on its standard input
dnl			and output; the message has an end mark, the reply a status code and a text
dnl		exec	one process a recipient, the message on standard input, an exit status
dnl		socket	LMTP to a server on a Unix socket: all recipients in one transaction, but
dnl			+detail and the client's address are not passed
dnl PATH		the program (/usr/bin/bivalve), or the socket (/run/bivalve/lmtp)
dnl FLAGS		for F=, added to sendmail's own lsDFMAw5:/|@q, instead of those below
dnl OPTIONS	of the program, put behind its name
dnl
dnl It comes behind OSTYPE and before MAILER(local).  What is here and why:
dnl
dnl	S	start as root: only root can become the recipient
dnl	P	Return-Path
dnl	n	no From_ line: bivalve makes it
dnl	h u	keep the case of user+Detail
dnl	X z	LMTP
dnl	m	socket alone: several recipients at once.  With a program all but the first would lose
dnl		their +detail, and with exec they would share one exit status
dnl	not 9	it re-encodes bodies: DKIM breaks, and the original is hidden from the scanner
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
define(`LOCAL_MAILER_ARGS', `bivalve'_BIVALVE_OPTIONS_` --lmtp -c ${client_addr} --id $i -a $h')
define(`LOCAL_MAILER_FLAGS', `SPXhnuz')
define(`LOCAL_MAILER_DSN_DIAGNOSTIC_CODE', `SMTP')
define(`_LOCAL_LMTP_', `1')',
_BIVALVE_VARIANT_, `socket',
`define(`LOCAL_MAILER_PATH', `[IPC]')
define(`LOCAL_MAILER_ARGS', `FILE '_BIVALVE_PATH_)
define(`LOCAL_MAILER_FLAGS', `PXmnuz')
define(`LOCAL_MAILER_EOL', `\r\n')
define(`LOCAL_MAILER_DSN_DIAGNOSTIC_CODE', `SMTP')
define(`_LOCAL_LMTP_', `1')
MODIFY_MAILER_FLAGS(`LOCAL', `+m')',
`errprint(`*** FEATURE(local_bivalve): the variant is exec, lmtp or socket, not '_BIVALVE_VARIANT_`
')')
ifelse(_BIVALVE_VARIANT_, `socket', `', `MODIFY_MAILER_FLAGS(`LOCAL', `-m')')
ifelse(len(X`'_ARG3_), `1', `', `define(`LOCAL_MAILER_FLAGS', _ARG3_)')

LOCAL_CONFIG
# bivalve: keep the client's address with a message that is queued
C{persistentMacros}{client_addr}
divert(-1)
