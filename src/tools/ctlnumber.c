#include "tools/ctlnumber.h"

#include <stddef.h>
#include <string.h>
#include <sysexits.h>

/* sendmail's sm/errstring.h: every family begins at a fixed place above E_PSEUDOBASE. */
#define CTLNUMBER_FILES 256
#define CTLNUMBER_DNS 276
#define CTLNUMBER_SMDB 296
#define CTLNUMBER_LDAP_OLD 326  /* up to 8.13 */
#define CTLNUMBER_LDAP 356      /* since then: OpenLDAP's negative numbers have room below */
#define CTLNUMBER_LDAP_MOST 123 /* highest number of RFC 4511 */

struct ctlnumber {
	int number;
	const char *text;
};

static const struct ctlnumber ctlnumber_exits[] = {
	{ EX_OK, "delivered" },
	{ EX_USAGE, "EX_USAGE, the command line was wrong: bounced" },
	{ EX_DATAERR, "EX_DATAERR, the message was wrong: bounced" },
	{ EX_NOINPUT, "EX_NOINPUT, an input file is missing: bounced" },
	{ EX_NOUSER, "EX_NOUSER, no such user: bounced" },
	{ EX_NOHOST, "EX_NOHOST, no such host: bounced" },
	{ EX_UNAVAILABLE, "EX_UNAVAILABLE, a service is missing, or smrsh refused: bounced" },
	{ EX_SOFTWARE, "EX_SOFTWARE, a program's own fault: bounced" },
	{ EX_OSERR, "EX_OSERR, the system could not start a program: stays queued" },
	{ EX_OSFILE, "EX_OSFILE, a system file is missing: bounced" },
	{ EX_CANTCREAT, "EX_CANTCREAT, a file cannot be made: bounced" },
	{ EX_IOERR, "EX_IOERR, reading or writing failed: stays queued" },
	{ EX_TEMPFAIL, "EX_TEMPFAIL, try again later: stays queued; bivalve's own line in the log "
	    "says why" },
	{ EX_PROTOCOL, "EX_PROTOCOL, a protocol was broken: bounced" },
	{ EX_NOPERM, "EX_NOPERM, refused by policy: bounced" },
	{ EX_CONFIG, "EX_CONFIG, a configuration is wrong: bounced" },
	{ 126, "the shell could not run a program: bounced" },
	{ 127, "the shell found no such program: bounced" },
};

static const struct ctlnumber ctlnumber_files[] = {
	{ 0, "a file could not be opened in time" },
	{ 1, "a symbolic link is not allowed there" },
	{ 2, "a hard link is not allowed there" },
	{ 3, "only a regular file is allowed there" },
	{ 4, "an executable file is not allowed there" },
	{ 5, "a directory above is writable for all: chmod o-w" },
	{ 6, "a directory above is writable for its group: chmod g-w" },
	{ 7, "the file changed after it was opened" },
	{ 8, "the file is writable for all: chmod o-w" },
	{ 9, "the file is writable for its group: chmod g-w" },
	{ 10, "the file is readable for its group" },
	{ 11, "the file is readable for all" },
};

static const struct ctlnumber ctlnumber_dns[] = {
	{ 1, "the name server says there is no such host" },
	{ 2, "the name server does not answer: check /etc/resolv.conf and that server" },
	{ 3, "the name server failed for good" },
	{ 4, "the name is there, but has no such record" },
};

static const struct ctlnumber ctlnumber_smdb[] = {
	{ 1, "no memory" }, { 2, "GDBM is not supported" }, { 3, "unsupported action" },
	{ 4, "the key is there already" },
	{ 5, "the map cannot be opened: does it exist, was makemap run?" },
	{ 6, "no such key" }, { 7, "unknown type of map" },
	{ 8, "this sendmail was built without that type of map" },
	{ 9, "the map could not be written whole" }, { 10, "the key is empty" },
	{ 11, "the key is there already" }, { 12, "lock: deadlock" },
	{ 13, "lock: not to be had" }, { 14, "lock: not held" },
	{ 15, "the map is damaged: run makemap again" }, { 16, "reading or writing failed" },
	{ 17, "the map is open for reading only" }, { 18, "the name is too long" },
	{ 19, "invalid parameter" }, { 20, "only one cursor" }, { 21, "invalid cursor" },
	{ 22, "last entry" }, { 23, "the map is of an old version: run makemap again" },
	{ 24, "Berkeley DB's library and header differ" },
};

/* OpenLDAP's own are negative, the protocol's are not (RFC 4511, appendix A). */
static const struct ctlnumber ctlnumber_ldap[] = {
	{ -1, "the LDAP server cannot be reached: is it running, is its name in the map's -h "
	    "right?" },
	{ -2, "the LDAP library failed" }, { -3, "the request could not be encoded" },
	{ -4, "the answer could not be decoded" }, { -5, "the LDAP server took too long" },
	{ -6, "unknown way to authenticate" }, { -7, "the search filter is wrong" },
	{ -8, "cancelled" }, { -9, "a parameter is wrong: look at the map's options" },
	{ -10, "no memory" },
	{ -11, "no connection to the LDAP server: is it running, is a firewall between?" },
	{ -12, "not supported" }, { -13, "a control was not found" }, { -14, "no results" },
	{ -16, "a loop of clients" }, { -17, "too many referrals" },
	{ 1, "the LDAP server is in a wrong state" }, { 2, "protocol error" },
	{ 3, "the LDAP server hit its time limit" }, { 4, "the LDAP server hit its size limit" },
	{ 7, "this way to authenticate is not supported" },
	{ 8, "stronger authentication is wanted" }, { 32, "no such object: look at the base -b" },
	{ 34, "a distinguished name is wrong" }, { 48, "authentication was refused as unfit" },
	{ 49, "name or password for the LDAP server is wrong" },
	{ 50, "no right to search there" }, { 51, "the LDAP server is busy" },
	{ 52, "the LDAP server is not available" }, { 53, "the LDAP server is unwilling" },
	{ 80, "another error of the LDAP server: its log says which" },
};

static void
ctlnumber_look(const struct ctlnumber *table, size_t n, long number, const char *who,
    struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].number == number)
			buf_printf(out, "%s: %s\n", who, table[i].text);
}

#define LOOK(table, number, who, out) \
	ctlnumber_look(table, sizeof(table) / sizeof *(table), number, who, out)

static void
ctlnumber_ldaps(long number, long base, const char *who, struct buf *out)
{
	size_t before = out->len;

	LOOK(ctlnumber_ldap, number - base, who, out);
	if (out->len == before && number > base && number <= base + CTLNUMBER_LDAP_MOST)
		buf_printf(out, "%s: LDAP result code %ld (RFC 4511)\n", who, number - base);
}

void
ctlnumber_explain(long number, struct buf *out)
{
	const char *word = number > 0 && number < 134 ? strerrordesc_np((int)number) : NULL;

	LOOK(ctlnumber_exits, number, "as an exit status of a mailer", out);
	if (word)
		buf_printf(out, "as an error of the system (errno): %s, %s\n",
		    strerrorname_np((int)number), word);
	LOOK(ctlnumber_files, number - CTLNUMBER_FILES, "in sendmail, a file", out);
	LOOK(ctlnumber_dns, number - CTLNUMBER_DNS, "in sendmail, the DNS", out);
	LOOK(ctlnumber_smdb, number - CTLNUMBER_SMDB, "in sendmail, a map", out);
	ctlnumber_ldaps(number, CTLNUMBER_LDAP_OLD, "in sendmail up to 8.13, LDAP", out);
	ctlnumber_ldaps(number, CTLNUMBER_LDAP, "in sendmail since 8.14, LDAP", out);
}
