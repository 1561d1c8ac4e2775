#!/bin/sh
# quarantine.t: bivalvectl quarantine, on what bivalve has put there.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"
[ -x "$B/bivalve-scan" ] || skip_all "bivalve-scan is not built"

# shellcheck source=tests/demo/samples.sh
. "$TOP/tests/demo/samples.sh"
mkdir "$T/a"
samples_attachments "$T/a"
for m in "$TOP"/tests/demo/messages/*.eml; do
	samples_message "$m" "$T/a" >"$T/${m##*/}"
done
cp -R "$TOP/recipes/signatures" "$T/signatures"
user_dir "$T/home"
cat >"$T/conf" <<X1
database = $T/signatures
site_recipes =
quarantine = $T/home/q
temp_dir = $T/home
spool_dir = $T/home
mail_spool = $T/home
X1
cat >"$T/home/rc" <<'X1'
:0
* scan:virus ?? .
@quarantine $VIRUS
:0
* ^Subject:.*hostile
@quarantine $MATCH
:0:
inbox
X1
cp "$T/home/rc" "$T/home/.bivalverc"
chmod 644 "$T/home/rc" "$T/home/.bivalverc"

ctl() {
	as_user env -i PATH="$PATH" HOME="$T/home" LC_ALL=C "$B/bivalvectl" quarantine "$@" \
	    --config "$T/conf" >"$T/out" 2>"$T/err"
}
deliver() {
	as_user "$B/bivalve" --config "$T/conf" "$@" HOME="$T/home" MAILDIR="$T/home" \
	    DEFAULT="$T/home/inbox" "$T/home/rc" 2>"$T/err"
}

ctl list
is $? 75 "no quarantine"
for m in "$T"/*.eml; do
	deliver -f evil@example.org <"$m"
done
n=$(find "$T/home/q" -name '*.json' | wc -l)
ok "something is in the quarantine" test "$n" -gt 0
printf 'Subject: hostile \033]0;x\007\nX-Other: \302\233\n\nbody\n' >"$T/hostile"
deliver -f "$(printf 'a\033[2J\n"@x')" <"$T/hostile"
ctl list
is "$(grep -c '^[0-9a-f]\{12\}  ' "$T/out")" $((n + 1)) "all are listed"
not_ok "no control byte of a stranger comes through" grep -q "$(printf '\033')" "$T/out"
ctl list --json
not_ok "nor in JSON" grep -q "$(printf '\033')" "$T/out"
if command -v python3 >/dev/null; then
	is "$(python3 -c 'import json,sys; print(sum(len(e["id"]) == 32 for e in json.load(open(sys.argv[1]))))' \
	    "$T/out")" $((n + 1)) "--json is JSON"
fi
id=$(awk -F '"' '/"id"/ { id = $4 } /"sender": "a/ { print id }' "$T/out")
ctl list -u nobody-else
like "$(cat "$T/out")" 'holds nothing' "-u: only this one's"

ctl show "$(printf %.8s "$id")"
like "$(cat "$T/out")" '^Sender +a\\x1b\[2J' "show: an abbreviated id; metadata is data"
like "$(cat "$T/out")" '^Subject: hostile \\x1b\]0;x\\x07' "and the header"
like "$(cat "$T/out")" '^X-Other: U\+009B' "with what else drives a terminal"
ctl show --raw "$id"
same "$T/out" "$T/home/q/$id.eml" "show --raw: byte for byte"
ctl show ffffffff
is $? 64 "no such id"
ctl show '../../etc/passwd'
is $? 64 "an id is no path"
ctl release
is $? 64 "release needs an id"

virus=$(ctl list --json; awk -F '"' '/"id"/ { id = $4 } /"virus": "[^"]/ { print id; exit }' "$T/out")
ctl release "$virus"
if [ "$(id -u)" -eq 0 ]; then user=nobody; else user=$(id -un); fi
home=$(getent passwd "$user" | cut -d: -f6)
if [ -e "$home/.procmailrc" ] || [ -e "$home/.bivalverc" ]; then
	skip "release" "$user has recipes of his own"
else
	is "$(cat "$T/out")" "$virus released" "release: delivered"
	ok "into the mailbox" grep -q "^Subject:" "$T/home/$user"
	not_ok "and no longer kept" test -e "$T/home/q/$virus.eml" -o -e "$T/home/q/$virus.json"
	# A recipe asks for the verdict, and would keep it again.
	sed -i "s,^site_recipes.*,site_recipes = $T/home/rc," "$T/conf"
	ctl release --keep "$id"
	is "$(cat "$T/out")" "$id released" "@quarantine is passed over"
	ok "--keep keeps it" test -e "$T/home/q/$id.eml"
	like "$(cat "$T/err")" 'scan=released' "the log says that it was released"
fi
ctl delete "$id"
not_ok "delete deletes" test -e "$T/home/q/$id.eml" -o -e "$T/home/q/$id.json"

deliver -f evil@example.org <"$T/hostile"
old=$(find "$T/home/q" -name '*.json' -newer "$T/hostile" | tail -n 1)
sed -i 's/"time": "[^"]*"/"time": "2001-01-01T00:00:00Z"/' "$old"
ctl list
before=$(grep -c '^[0-9a-f]\{12\}' "$T/out")
ctl expire --days 30
is "$(cat "$T/out")" "1 deleted, $((before - 1)) left" "expire"
ctl digest
if [ "$before" -gt 1 ]; then
	like "$(cat "$T/out")" "^To: $user" "digest: a mail to the recipient"
	like "$(cat "$T/out")" '^  kept for: ' "that says what is kept"
fi
# ---- a user who has none yet
sed '/^quarantine/d' "$T/conf" >"$T/none.conf"
as_user env -i PATH="$PATH" LC_ALL=C "$B/bivalvectl" quarantine list --config "$T/none.conf" >"$T/out" 2>"$T/err"
# shellcheck disable=SC2154  # tap.sh has it
[ -d "$(getent passwd "$tap_user" | cut -d: -f6)/.local/state/bivalve/quarantine" ] ||
    is "$? $(cat "$T/out")" "1 The quarantine holds nothing." "no directory: nothing is kept"

chmod 755 "$T/home/q"
ctl list
is $? 75 "a quarantine that others can read is not looked into"
chmod 700 "$T/home/q"

# ---- root

if [ "$(id -u)" -eq 0 ] && id games >/dev/null 2>&1; then
	mkdir "$T/spool" && chmod 1777 "$T/spool"
	cat >"$T/conf" <<-X1
	database = $T/signatures
	site_recipes = $T/site.rc
	quarantine = $T/rootq
	scan_user = games
	temp_dir = /tmp
	mail_spool = $T/spool
	X1
	printf ':0\n* scan:virus ?? .\n@quarantine $VIRUS\n' >"$T/site.rc"
	mkdir "$T/rootq" && chown games "$T/rootq" && chmod 700 "$T/rootq"
	for m in "$T"/*.eml; do
		"$B/bivalve" --config "$T/conf" -f evil@example.org -d nobody <"$m" 2>>"$T/log"
	done
	"$B/bivalvectl" quarantine list --json --config "$T/conf" >"$T/out"
	id=$(sed -n 's/.*"id": "\(.*\)".*/\1/p' "$T/out" | tail -n 1)
	ok "root: the site's quarantine is listed" test -n "$id"
	size=$(stat -c %s "$T/spool/nobody" 2>/dev/null || echo 0)
	"$B/bivalvectl" quarantine release "$id" --config "$T/conf" >"$T/out" 2>"$T/err"
	is "$(cat "$T/out")" "$id released" "root: released to the recipient"
	ok "into his mailbox" test "$(stat -c %s "$T/spool/nobody")" -gt "$size"
	is "$(stat -c %U "$T/spool/nobody")" nobody "which is his"
	like "$(cat "$T/err")" 'released .* by uid 0' "the log says who released it"
	cat >>"$T/site.rc" <<-X1
	:0
	* ^Subject:.*hostile
	@quarantine
	:0:
	* DETAIL ?? ^^lists^^
	$T/spool/lists
	X1
	# As sendmail says it: the recipient, and what stood behind his plus, apart.
	"$B/bivalve" --config "$T/conf" -f apart@example.org -a lists -d nobody <"$T/hostile" 2>>"$T/log"
	"$B/bivalvectl" quarantine list --json --config "$T/conf" >"$T/out"
	id=$(awk -F '"' '/"id"/ { id = $4 } /"sender": "apart/ { print id }' "$T/out")
	"$B/bivalvectl" quarantine release "$id" --config "$T/conf" >"$T/out" 2>"$T/err"
	is "$(cat "$T/out")" "$id released" "root: what came for user+detail"
	ok "goes where the detail leads" test -s "$T/spool/lists"
	# What digest hands to sendmail, or what it says when that takes nothing.
	printf '#!/bin/sh\n[ -e %s ] || exit 1\necho "$*" >>%s\ncat >>%s\n' "$T/sent" "$T/sent" "$T/sent" >"$T/sendmail"
	chmod 755 "$T/sendmail" && : >"$T/sent" && chmod 666 "$T/sent"
	digest() {
		unshare -m sh -c 'mount --bind "$1/sendmail" /usr/sbin/sendmail &&
		    "$2" quarantine digest --send --days 1000 --config "$1/conf"' sh "$T" "$B/bivalvectl" >"$T/out" 2>"$T/err"
	}
	if [ -e /usr/sbin/sendmail ] && unshare -m mount --bind "$T/sendmail" /usr/sbin/sendmail 2>/dev/null; then
		ok "digest --send: a mail to each recipient" digest
		like "$(cat "$T/out")" '^nobody: [0-9]+$' "and says how many it tells of"
		is "$(head -n 1 "$T/sent")" "-oi -f <> -- nobody" "from nobody in particular, to him"
		like "$(cat "$T/sent")" '^Auto-Submitted: auto-generated' "by a machine"
		rm "$T/sent"
		not_ok "a sendmail that takes nothing" digest
		like "$(cat "$T/err")" 'did not take it' "is said"
	else
		skip "digest --send" "no sendmail to stand in for, or no mount here"
	fi
	# On a larger disk, say.
	mv "$T/rootq" "$T/elsewhere" && ln -s elsewhere "$T/rootq"
	for m in "$T"/*.eml; do
		"$B/bivalve" --config "$T/conf" -f evil@example.org -d nobody <"$m" 2>>"$T/log"
	done
	"$B/bivalvectl" quarantine list --config "$T/conf" --json >"$T/out" 2>"$T/err"
	is "$? $(grep -c '"id"' "$T/out")" "0 $(find "$T/elsewhere" -name '*.eml' | wc -l)" \
	    "a link that root made leads to the quarantine" || diag "$(cat "$T/err")"
	rm "$T/rootq" && mv "$T/elsewhere" "$T/rootq"
	chown root "$T/rootq"
	"$B/bivalvectl" quarantine list --config "$T/conf" >"$T/out" 2>"$T/err"
	is $? 75 "root: reads no quarantine with his own rights"
else
	skip "the site's quarantine" "not root"
fi
done_testing
