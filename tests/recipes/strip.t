#!/bin/sh
# strip.t: infected parts are taken out, the rest arrives.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"

for name in plain attachments document german html list smime; do
	through strip.rc "$(message $name)"
	is "$status $outcome $(has X-Stripped)" '0 delivered ' "$name is delivered"
	same "$file" "$T/messages/$name" "$name is as it came"
done

for name in eicar eicar-zipped; do
	through strip.rc "$(message $name)"
	is "$status $outcome $verdict $(has X-Stripped)" '0 delivered clean malware' \
	    "$name: delivered without it"
	kept=$(basename "$H"/quarantine/*.eml .eml)
	ok "$name: the whole message is in the quarantine" grep -q 'filename=' \
	    "$H/quarantine/$kept.eml"
	ok "$name: and the note says where" grep -q "^$kept" "$file"
	ok "$name: the text is there" grep -q '^Content-Type: text/plain; charset=us-ascii' "$file"
done
through strip.rc "$(message malformed-eicar)"
is "$status $outcome $verdict $(has X-Stripped)" '0 delivered clean malware' \
    'malware in a part that is hidden'

through strip.rc "$(attach 'invoice.pdf.JS. ' "$T/attachments/figures.csv")"
is "$status $outcome $(has X-Stripped)" '0 delivered program' 'a program goes'
ok 'and its name is said' grep -q '^Name: *invoice.pdf.JS' "$file"
not_ok 'it is in no quarantine' test -d "$H/quarantine"

database=$T/nowhere
through strip.rc "$(message eicar)"
is "$status" 75 'without signatures mail is deferred'

done_testing
