#!/bin/sh
# default.t: the site's policy.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"

plain=$(message plain)
through default.rc "$plain"
is "$status $outcome $verdict" '0 delivered clean' 'plain mail is scanned and delivered'
same "$file" "$plain" 'plain mail: every byte as it came'

for name in eicar eicar-zipped malformed-eicar; do
	infected=$(message $name)
	through default.rc "$infected"
	is "$status $outcome $verdict" '0 quarantined infected' "$name is kept in the quarantine"
	sed '1{/^From s@example\.org /d}' "$file" >"$T/kept"
	same "$T/kept" "$infected" "$name: the quarantine has every byte, behind a From_ line"
	is "$(find "$H" -path '*/new/*' -type f)" '' "$name: the inbox has none"
done

encrypted=$(message encrypted)
through default.rc "$encrypted"
is "$status $outcome $verdict" '0 delivered unscannable' 'an encrypted archive is delivered'
like "$(has X-Virus-Finding)" '^encrypted Heuristics\.Encrypted\.Zip' 'and marked'
sed '1,/^$/{/^X-Virus-Finding: /d}' "$file" >"$T/unmarked"
same "$T/unmarked" "$encrypted" 'but for the mark every byte is as it came'

malformed=$(message malformed)
through default.rc "$malformed"
is "$status $outcome $verdict" '0 delivered clean' 'an ambiguous structure is delivered'
like "$(has X-MIME-Defect)" '^duplicate-content-type$' 'and marked'

forged=$(mail forged 'X-Virus-Finding: none' 'X-MIME-Defect: none')
through default.rc "$forged"
is "$status $(has X-Virus-Finding)$(has X-MIME-Defect)" '0 ' 'forged marks are taken off'

# What could not be scanned waits.
database=$T/none
through default.rc "$plain"
is "$status $verdict" '75 error' 'without signatures mail is deferred'
like "$log" "$T/none" 'and the log names the directory'
is "$(find "$H" -type f)" '' 'and nothing is written'

done_testing
