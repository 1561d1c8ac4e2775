#!/bin/sh
# flatten.t: only what is malformed is written anew.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"

for name in plain attachments document german html list smime pgp; do
	through flatten.rc "$(message $name)"
	is "$status $outcome $(has X-MIME-Flattened)" '0 delivered ' "$name is delivered"
	same "$file" "$T/messages/$name" "$name is as it came"
done
through flatten.rc "$(message malformed)"
is "$status $outcome" '0 delivered' 'a malformed one is delivered'
like "$(has X-MIME-Flattened)" '[a-z]' 'with a mark'
is "$(grep -c '^Content-Type: multipart/' "$file")" 1 'as one tree'
ok 'with a boundary of ours' grep -q 'boundary="=_bivalve_' "$file"
cp "$file" "$T/messages/again"
through flatten.rc "$T/messages/again"
same "$file" "$T/messages/again" 'and is well-formed now'

done_testing
