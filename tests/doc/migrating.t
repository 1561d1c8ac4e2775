#!/bin/sh
# migrating.t: bivalve beside procmail, as doc/MIGRATING.md tells people to try it.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
need procmail formail
page=$TOP/doc/MIGRATING.md

block() { # N: the Nth block behind that heading
	awk -v want="$1" '
		/^## / { here = /Both side by side/ }
		here && /^```/ { inside = !inside; n += inside; next }
		here && inside && n == want' "$page"
}
user_dir "$T/home"
as_user mkdir "$T/home/mail" "$T/home/trial" "$T/home/trial/mail"
cp "$B/bivalve" "$T/bivalve"
cat >"$T/rc" <<'X1'
MAILDIR=$HOME/mail
LOGFILE=$HOME/procmail.log
:0:
* ^Subject:.*lunch
lunch
:0
* ^Subject:.*list
list/
:0 fhw
| formail -A "X-Seen: yes"
X1
{ block 1 | sed "s,/usr/bin/bivalve,$T/bivalve,"; cat "$T/rc"; } >"$T/home/rc"
cp "$T/rc" "$T/home/trial/rc"
chmod 644 "$T/home/rc" "$T/home/trial/rc"
for subject in lunch list other lunch; do
	printf 'From: a@example.org\nSubject: %s\n\nHello.\n' "$subject" | as_user procmail HOME="$T/home" \
	    DEFAULT="$T/home/inbox" ORGMAIL="$T/home/inbox" "$T/home/rc"
done
block 2 | HOME=$T/home sh | sed "s,$T/home/trial,$T/home," >"$T/where"
sed 's/^/# /' "$T/where"
once="1 $T/home/inbox
1 list/
2 lunch"
is "$(sed 's/^ *//' "$T/where")" "$once
$once" "procmail and bivalve delivered the same numbers to the same folders"
ok "the copies are there" test -s "$T/home/trial/mail/lunch" -a -s "$T/home/trial/inbox"
done_testing
