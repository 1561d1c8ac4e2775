#!/bin/sh
# idioms.t: what doc/MIGRATING.md says is bivalve's way does what the other program's did. Each recipe
# is taken out of the page and run on mail that it is for and, where there is such, on mail that it is not for.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"
page=$TOP/doc/MIGRATING.md
# shellcheck disable=SC2016
tick='`'

# The rows of all tables: SECTION, what the other has, what bivalve has, with tabs between.
awk '
	/^## / { section = substr($0, 4); sub(/^From /, "", section) }
	/^\|/ && !/^\|---/ {
		gsub(/\\\|/, "\001")
		split($0, cell, / *\| */)
		gsub(/\001/, "|", cell[2])
		gsub(/\001/, "|", cell[3])
		gsub(/^[ `]+|[ `]+$/, "", cell[2])
		if (++rows[section] > 1)
			print section "\t" cell[2] "\t" cell[3]
	}' "$page" >"$T/rows"
: >"$T/tested"

block() { # SECTION: the first block behind that heading
	awk -v section="## $1" '
		/^## / { here = $0 == section }
		here && /^```/ { inside++; next }
		here && inside == 1' "$page"
}

# row SECTION WORDS: the row whose first cell begins so, without marks: $right
row() {
	right=$(awk -F '\t' -v section="$1" -v words="$2" -v tick="$tick" '
		{ left = $2; gsub(tick, "", left) }
		$1 == section && index(left, words) == 1 { print $3; print $1 "\t" $2 >>tested }' \
	    tested="$T/tested" "$T/rows")
	case $right in
	'' | *'
'*) tap_result 1 "$1 has one row \"$2\"" ;;
	esac
}

# spans: the code in $right, one a line
spans() {
	printf '%s\n' "$right" | tr '\n' ' ' | awk -v RS="$tick" 'NR % 2 == 0'
}

# recipe: $T/rc of what is on standard input, made whole: an action alone is for mail with X-Catch, a condition
# alone puts it into caught/
recipe() {
	awk '
		{ line[NR] = $0 }
		END {
			if (line[1] !~ /^([:*]|[A-Z]+=)/)
				print ":0\n* ^X-Catch: yes"
			else if (line[1] ~ /^\*/)
				print ":0"
			for (i = 1; i <= NR; i++)
				print line[i]
			if (line[NR] ~ /^(\*|:0)/)
				print "caught/"
		}' >"$T/rc"
}

# idiom SECTION WORDS [SED]: $T/rc from that row, with its blanks filled in
idiom() {
	row "$1" "$2"
	idiom="$1: $2"
	spans | sed "${3-}" | recipe
}

mkdir "$T/stubs"
cat >"$T/stubs/sendmail" <<'X'
#!/bin/sh
cat >/dev/null
echo "$*" >>"$HOME/sent"
X
printf '#!/bin/sh\nexit 3\n' >"$T/stubs/fails"
printf '#!/bin/sh\ncat >/dev/null\nprintf "From: a\\nX-Spam-Flag: YES\\nX-Filtered: yes\\n\\nbody\\n"\n' >"$T/stubs/prog"
cp "$T/stubs/prog" "$T/stubs/spamc"
chmod 755 "$T"/stubs/*

# gives RESULT FILE: where that message goes, "+" between several places
gives() {
	through "${rcfile-rc}" "$2" SENDMAIL="$T/stubs/sendmail" PATH="$T/stubs:$PATH"
	got=$(cd "$H" && find . -type f ! -path '*/quarantine/*' ! -name '.*' | sort |
	    sed -n 's,^\./,,; s,/new/[^/]*$,/,; s,^sent$,to whom,; p' | tr '\n' '+')
	[ "$outcome" = dropped ] && got=${got}dropped+
	[ -d "$H/quarantine" ] && got=${got}quarantined+
	case $status in
	75) got=${got}deferred ;;
	77) got=${got}rejected ;;
	esac
	got=${got%+}
	is "$got" "$1" "$idiom: ${2##*/}: $1" || sed 's/^/# /' "$T/rc" "$T/log"
}
plain=$(mail plain)
catch=$(mail catch 'X-Catch: yes')
virus=$(message eicar)

# ---- procmail
idiom='procmail: ~/.forward'
forward=$(block 'From procmail' | sed 's/^"|//; s/"$//')
user_dir "$T/home"
printf 'site_recipes =\n' >"$T/none.conf"
as_user env -i PATH="$PATH" sh -c "$(printf '%s\n' "$forward" | sed "s,/usr/bin/bivalve,$T/bin/bivalve,g
	s,exec [^ ]*,& --config $T/none.conf HOME=$T/home DEFAULT=$T/home/inbox,")" <"$plain" >"$T/out" 2>&1
is "$? $(grep -c '^Subject: test' "$T/home/inbox")" '0 1' "$idiom delivers"
sh -c "$(printf '%s\n' "$forward" | sed "s,/usr/bin/bivalve,$T/nosuch,g")" <"$plain" >"$T/out" 2>&1
is $? 75 "$idiom: where the program is not to be had, mail waits"

# ---- procmail with clamscan
idiom='procmail with clamscan'
block 'From procmail with clamscan or clamdscan' >"$T/rc"
gives inbox/ "$plain"
is "$(has X-Virus)$(has Subject)" test "$idiom: it is not marked"
gives inbox/ "$virus"
like "$(has X-Virus) $(has Subject)" '^Bivalve.Test.EICAR.* \[VIRUS\] ' "$idiom: it is marked"
grep -v '^#' "$TOP/recipes/clamscan.rc" | grep -v '^$' >"$T/whole"
same "$T/rc" "$T/whole" "$idiom: the lines are those of recipes/clamscan.rc"

# ---- maildrop
idiom maildrop 'if (/^Subject:.*x/) to "Mail/x"' 's,^Mail/,lists/,'
gives lists/x/ "$(mail box 'Subject: a box')"
gives inbox/ "$plain"
row maildrop '/pattern/:D'
idiom='maildrop: /pattern/:D'
printf ':0 %s\n* ^X-Word: Yes\n' "$(spans)" | recipe
gives caught/ "$(mail capital 'X-Word: Yes')"
gives inbox/ "$(mail small 'X-Word: yes')"
row maildrop '/pattern/:b'
idiom='maildrop: /pattern/:b'
printf ':0 %s\n* hello\n' "$(spans)" | recipe
gives caught/ "$plain"
printf ':0 %s\n* ^X-Catch\n' "$(spans)" | recipe
gives inbox/ "$catch"
# shellcheck disable=SC2016
idiom maildrop '/^From: *(.*)/' 's/^\$MATCH/@tag X-Got: &/'
gives inbox/ "$plain"
is "$(has X-Got)" a@example.org "$idiom: the address"
printf 'Subject: nobody\n\n' >"$T/messages/nobody"
gives inbox/ "$T/messages/nobody"
is "$(has X-Got)" '' "$idiom: none"
idiom maildrop cc
gives folder+inbox/ "$plain"
for works in prog fails; do
	folder=$(test $works = fails && echo deferred || echo inbox/)
	idiom maildrop xfilter "s/prog/$works/"
	gives "$folder" "$plain"
	[ $works = fails ] || is "$(has X-Filtered)" yes "$idiom: it is what the filter wrote"
	idiom maildrop 'to "| prog"' "s/prog/$works/"
	gives "$(test $works = fails && echo deferred)" "$plain"
done
idiom maildrop 'to "! address"' 's/address/c@example.org/'
gives 'to whom' "$plain"
like "$(cat "$H/sent")" 'c@example.org$' "$idiom: to him"
row maildrop VAR=
idiom='maildrop: VAR=`prog`'
is "$right" 'the same' "$idiom"
# shellcheck disable=SC2016
printf '%s\n' 'VAR=`echo caught/`' ':0' '$VAR' >"$T/rc"
gives caught/ "$plain"
printf '%s\n' ':0' '* ^X-Catch: yes' 'caught/' >"$T/file"
idiom maildrop include "s,file,$T/file,"
gives caught/ "$catch"
gives inbox/ "$plain"
idiom maildrop 'EXITCODE=75 exit'
gives deferred "$plain"
idiom maildrop 'EXITCODE=77 exit'
gives rejected "$plain"
head -c 100000 /dev/zero | tr '\0' x | cat "$plain" - >"$T/messages/large"
idiom maildrop 'if ($SIZE'
gives caught/ "$T/messages/large"
gives inbox/ "$plain"
idiom maildrop hasaddr
gives caught/ "$(mail cc 'Cc: Me <me@EXAMPLE.ORG>')"
gives inbox/ "$(mail other 'Cc: some@example.org')"

# ---- Sieve
idiom Sieve 'fileinto "x"' 's,Maildir/,lists/,'
gives lists/.x/ "$catch"
gives inbox/ "$plain"
idiom Sieve 'fileinto :copy' 's,Maildir/,lists/,'
gives inbox/+lists/.x/ "$plain"
idiom Sieve redirect
gives 'to whom' "$catch"
like "$(cat "$H/sent")" 'a@b$' "$idiom: to him"
gives inbox/ "$plain"
idiom Sieve discard
gives dropped "$catch"
gives inbox/ "$plain"
idiom Sieve reject
gives rejected "$catch"
is "$(cat "$T/out")" '5.7.1 text' "$idiom: the sender is told so"
gives inbox/ "$plain"
row Sieve keep
idiom='Sieve: keep, stop'
{ spans | recipe; cat "$T/rc"; printf '%s\n' ':0' 'caught/'; } >"$T/stops"
mv "$T/stops" "$T/rc"
gives inbox/ "$catch"
gives caught/ "$plain"
idiom Sieve 'header :contains'
gives caught/ "$(mail encoded 'Subject: =?utf-8?q?=78?=' 'X-Subject: y')"
gives inbox/ "$plain"
idiom Sieve 'header :is'
gives caught/ "$(mail flag 'X-Flag: YES')"
gives inbox/ "$(mail noflag 'X-Flag: YES, or no')"
idiom Sieve address
gives caught/ "$(mail from 'From: X <a@b.c>')"
gives inbox/ "$(mail notfrom 'From: "a@b.c" <x@b.c>')"
idiom Sieve envelope 's/\.\.\./^s@example/'
gives caught/ "$plain"
idiom Sieve envelope 's/\.\.\./^a@example/'
gives inbox/ "$plain"
idiom Sieve size
gives inbox/ "$T/messages/large"
cat "$T/messages/large" "$T/messages/large" >"$T/messages/larger"
gives caught/ "$T/messages/larger"
idiom Sieve body 's/x$/order/'
gives caught/ "$(message eicar)"
gives inbox/ "$plain"
idiom Sieve exists
gives caught/ "$(message list)"
gives inbox/ "$plain"
idiom Sieve not 's/condition/^X-Catch:/'
gives inbox/ "$catch"
gives caught/ "$plain"
idiom Sieve anyof 's/a$/^X-Catch:/; s/b$/^X-Flag:/'
gives caught/ "$catch"
gives caught/ "$(mail flag 'X-Flag: YES')"
gives inbox/ "$plain"
row Sieve elsif
idiom='Sieve: elsif, else'
printf '%s\n' ':0' '* ^X-Catch: yes' '@tag X-Was: if' ":0 $(spans)" '* ^X-Flag: YES' '@tag X-Was: elsif' ":0 $(spans)" \
    '@tag X-Was: else' >"$T/rc"
for was in catch=if flag=elsif plain=else; do
	gives inbox/ "$T/messages/${was%=*}"
	is "$(has X-Was)" "${was#*=}" "$idiom: $was"
done
idiom Sieve addheader 's/^@add/& X-New: 1/; s/^@remove/:0\n& Subject/'
gives inbox/ "$catch"
is "$(has X-New) $(has Subject)" '1 ' "$idiom: both"
printf '%s\n' ':0' '* ^X-Catch: yes' 'caught/' >"$T/file"
idiom Sieve include "s,file,$T/file,"
gives caught/ "$catch"
gives inbox/ "$plain"
row Sieve variables
idiom='Sieve: variables'
printf '* ^X-Catch: %s.*\n@tag X-Got: %s\n' "$(spans | sed -n 1p)" "$(spans | sed -n 2p)" | recipe
gives inbox/ "$catch"
is "$(has X-Got)" yes "$idiom: what was matched"

# ---- milters
milter='MIMEDefang and clamav-milter'
for words in 'OnInfected Quarantine=quarantined' 'OnInfected Blackhole=dropped' message_contains_virus=caught/; do
	idiom "$milter" "${words%=*}"
	gives "${words#*=}" "$virus"
	gives inbox/ "$plain"
done
row "$milter" 'OnFail Defer'
idiom="$milter: OnFail Defer"
printf '* scan:virus ?? .\n' | recipe
database=$T/nosuch
gives deferred "$plain"
unset database
row "$milter" 'AddHeader Add'
idiom="$milter: AddHeader Add"
{ echo '* scan:finding ?? ()\/.+'; spans | sed 1q; } | recipe
gives inbox/ "$virus"
like "$(has X-Virus-Finding)" '^malware Bivalve' "$idiom: the finding"
gives inbox/ "$plain"
is "$(has X-Virus-Finding)" '' "$idiom: none"
row "$milter" Whitelist
idiom="$milter: Whitelist"
for from in s=inbox/ t=dropped; do
	{ spans | sed "s/\.\.\./^${from%=*}@example/"; printf '* scan:virus ?? .\n@drop\n'; } | recipe
	gives "${from#*=}" "$virus"
done
idiom "$milter" action_discard
gives dropped "$catch"
gives inbox/ "$plain"
idiom "$milter" action_quarantine_entire_message
gives inbox/+quarantined "$catch"
row "$milter" action_bounce
idiom="$milter: action_bounce"
spans | sed 1q | recipe
gives rejected "$catch"
gives inbox/ "$plain"
idiom="$milter: action_tempfail"
spans | sed 1d | recipe
gives deferred "$catch"
gives inbox/ "$plain"
idiom "$milter" action_add_header 's/^@add/& X-New: 1/; s/^@tag/:0\n& Subject: 2/; s/^@remove/:0\n& X-Catch/'
gives inbox/ "$catch"
is "$(has X-New) $(has Subject) $(has X-Catch)" '1 2 ' "$idiom: all three"
idiom "$milter" 're_match($' 's/\.\.\./\\.exe$/'
gives caught/ "$(attach a.exe "$T/attachments/figures.csv")"
gives inbox/ "$plain"
idiom "$milter" re_match_in_zip_directory 's/\.\.\./\\.com$/'
gives caught/ "$(message eicar-zipped)"
gives inbox/ "$plain"
for words in filter_bad_filename spam_assassin_check action_drop; do
	row "$milter" "$words"
	rcfile=$(spans | tail -n 1)
	idiom="$milter: $words" rcfile=${rcfile#recipes/}
	case $words in
	filter_*) gives quarantined "$(attach a.exe "$T/attachments/figures.csv")" ;;
	spam_*) gives spam/ "$plain" ;;
	action_*)
		gives inbox/ "$(attach a.exe "$T/attachments/figures.csv")"
		is "$(has X-Stripped)" program "$idiom: the part is gone"
		;;
	esac
done

# ---- what says in words only that there is nothing, or that nothing is needed
row maildrop exception
row Sieve allof
row Sieve vacation
row Sieve imap4flags
row "$milter" 'OnInfected Reject'
row "$milter" action_defang
cut -f 1,2 "$T/rows" | sort -u >"$T/all"
sort -u "$T/tested" >"$T/done"
same "$T/done" "$T/all" 'every row is tested, or named as prose'
done_testing
