#!/bin/sh
# clamscan.t: what replaces a pipe to clamscan.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"

plain=$(message plain)
through clamscan.rc "$plain"
is "$status $outcome $verdict" '0 delivered clean' 'plain mail is scanned and delivered'
same "$file" "$plain" 'plain mail: every byte as it came'

through clamscan.rc "$(message eicar)"
is "$status $outcome $verdict" '0 delivered infected' 'infected mail is delivered'
is "$(has Subject)" '[VIRUS] your order' 'with the mark in its Subject'
like "$(has X-Virus)" '^Bivalve\.Test\.EICAR' 'and the name of the virus'

sed '1,/^$/s/^Subject: .*/Subject: =?iso-8859-1?Q?Gr=FC=DFe?=/' "$(message eicar)" >"$T/umlaut"
through clamscan.rc "$T/umlaut"
is "$(has Subject)" '[VIRUS] =?iso-8859-1?Q?Gr=FC=DFe?=' 'an encoded Subject stays readable'

done_testing
