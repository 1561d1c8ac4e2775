#!/bin/sh
# cookbook.t: the recipes of doc/COOKBOOK.md do what the text says: each block is taken out of the
# page, checked, and run on messages that it is for and that it is not for.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"

# Each block becomes $T/b/NAME.rc, named after its heading.
user_dir "$T/home"
mkdir "$T/b" "$T/m" "$T/home/lists" "$T/home/plus"
chmod 777 "$T/home/lists" "$T/home/plus"
awk -v dir="$T/b" '
	/^##* / {
		name = tolower(substr($0, index($0, " ") + 1))
		gsub(/[^a-z0-9]+/, "-", name)
	}
	/^```/ {
		inside = !inside
		if (inside)
			file = dir "/" name ".rc"
		next
	}
	inside { print >file }' "$TOP/doc/COOKBOOK.md"
cp -R "$TOP/recipes/signatures" "$T/signatures"
cat >"$T/conf" <<X1
site_recipes =
database = $T/signatures
X1
echo friend@example.org >"$T/home/friends"
chmod 644 "$T"/b/* "$T/home/friends"
printf '#!/bin/sh\ncat >/dev/null\nprintf "From: a\\nX-Spam-Flag: YES\\n\\nbody\\n"\n' >"$T/home/spamc"
chmod 755 "$T/home/spamc"

# message NAME FIELD...: a message with these fields
message() {
	name=$1
	shift
	printf '%s\n' "$@" 'Message-ID: <1@example.org>' '' 'Hello.' >"$T/m/$name"
}
message list 'From: a@example.org' 'To: talk@example.org' 'List-Id: Talk <talk.example.org>'
message anna 'From: "Anna A." <anna@EXAMPLE.org>' 'To: me@example.net'
message me 'From: b@example.org' 'To: me@example.net'
message nobody 'From: b@example.org' 'To: undisclosed-recipients:;'
message paper 'From: b@example.org' 'To: me@example.net' 'Subject: =?utf-8?q?Your_=69nvoice?='
message loop 'From: b@example.org' 'To: me@example.net' 'X-Loop: me@example.net'
message spam 'From: b@example.org' 'To: x@example.net' 'Subject: win'
{ printf 'From: b@example.org\nTo: me@example.net\n\n'; head -c 5100000 /dev/zero | tr '\0' x; } >"$T/m/large"

# goes RECIPE MESSAGE RESULT [OPTION...]: where a message goes; "-" is the inbox
goes() {
	recipe=$1 input=$2 want=$3
	shift 3
	(cd "$T/home" && as_user env -i PATH="$T/home:$PATH" LC_ALL=C "$B/bivalvectl" explain \
	    --config "$T/conf" --run-programs -f friend@example.org --rc "$T/b/$recipe.rc" "$@" \
	    "$T/m/$input" HOME="$T/home" PATH="$T/home:$PATH" DEFAULT=- ORGMAIL=-) \
	    >"$T/out" 2>"$T/err"
	got=$(sed -n 's/^Result: delivered: \(.*\) (exit.*/\1/p; s/^Result: quarantined.*/quarantine/p' "$T/out")
	is "$got" "$want" "$recipe: $input goes to $want" || sed 's/^/# /' "$T/out" "$T/err"
	tested="$tested $recipe"
}
tested=

goes a-mailing-list list lists/talk/
goes a-mailing-list me -
goes every-mailing-list list lists/talk.example.org/
goes every-mailing-list me -
goes a-person anna anna
goes a-person me -
goes mail-to-a-list-or-to-me-but-not-by-name nobody unaddressed/
goes mail-to-a-list-or-to-me-but-not-by-name me -
goes plus-addresses me plus/shop/ -a shop
goes plus-addresses me - -a ../x
goes plus-addresses me -
goes words-in-the-subject paper paper/
goes words-in-the-subject me -
printf 'From: a\nMIME-Version: 1.0\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n%s\n' \
    "$(printf '<p>un<b>sub</b>scribe</p>' | base64)" >"$T/m/letter"
goes words-in-the-letter letter newsletters/
goes words-in-the-letter me -
printf 'From: a\nMIME-Version: 1.0\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n' >"$T/m/invitation"
goes invitations invitation invitations/
goes invitations me -
mkdir -p "$T/home/Maildir"
chmod 777 "$T/home/Maildir"
message work 'From: B <b@example.com>' 'To: me@example.net'
goes a-folder-of-an-imap-server work Maildir/.Work/
goes a-folder-of-an-imap-server me -
goes an-archive-by-month me -
like "$(cat "$T/out")" '-> mbox archive-20[0-9][0-9]-[01][0-9]' "a copy goes into the month's folder"
goes large-mail large large/
goes large-mail me -
goes the-same-message-twice me -
goes points-instead-of-yes-or-no spam maybe-spam/
goes points-instead-of-yes-or-no me -
goes a-copy-to-another-address me -
like "$(cat "$T/out")" '-> program .*formail -A.*other@example.com \(a copy' "a copy is sent on"
goes a-copy-to-another-address loop -
not_ok "and no copy of the copy" grep -q -- '->.*other@' "$T/out"
goes an-answer-while-away me -
like "$(cat "$T/out")" '^    \| .*-> program formail -rD 8192' "somebody gets an answer"
goes an-answer-while-away list -
not_ok "a list gets no answer" grep -q -- 'a copy goes through' "$T/out"
goes a-spam-filter me spam/
goes known-senders me known/
rm -f "$T/home/friends"
goes known-senders me -

if [ -x "$B/bivalve-scan" ]; then
	# shellcheck source=tests/demo/samples.sh
	. "$TOP/tests/demo/samples.sh"
	mkdir "$T/a"
	samples_attachments "$T/a"
	for m in "$TOP"/tests/demo/messages/*.eml; do
		samples_message "$m" "$T/a" >"$T/m/${m##*/}"
	done
	virus=
	for m in "$T"/m/*.eml; do
		(cd "$T/home" && as_user "$B/bivalvectl" explain --config "$T/conf" --rc "$T/b/malware-aside.rc" \
		    "$m" HOME="$T/home" 2>&1) | grep -q '^Result: quarantined' && virus=${m##*/}
	done
	ok "there is malware among the samples" test -n "$virus"
	goes malware-aside "$virus" quarantine
	goes malware-aside me -
	goes take-malware-out-keep-the-letter "$virus" -
	like "$(cat "$T/out")" 'message changed by @strip' "malware is taken out"
	goes mark-what-nobody-can-look-into me -
	goes programs-whatever-they-are-called me -
	printf 'From: a\nSubject: x\nMIME-Version: 1.0\nContent-Type: application/octet-stream; name="a.EXE"\n\nx\n' >"$T/m/exe"
	goes programs-whatever-they-are-called exe programs/
	printf 'From: a\nContent-Type: text/plain\nContent-Type: text/html\n\nx\n' >"$T/m/two"
	goes two-programs-would-read-this-differently two -
	like "$(cat "$T/out")" '@tag X-MIME-Defect: duplicate-content-type' "the defect is marked"
else
	for rc in malware-aside take-malware-out-keep-the-letter mark-what-nobody-can-look-into \
	    programs-whatever-they-are-called two-programs-would-read-this-differently; do
		skip "$rc" "no bivalve-scan was built"
		tested="$tested $rc"
	done
fi

for rc in "$T"/b/*.rc; do
	name=${rc##*/}
	name=${name%.rc}
	ok "$name: check has nothing to say" "$B/bivalvectl" check "$rc"
	case " $tested " in
	*" $name "*) ;;
	*) tap_result 1 "$name is tested" ;;
	esac
done
done_testing
