#!/bin/sh
# strip.t: @strip and @flatten ask the resident scanners as they ask one of their own.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"
need python3

mkdir "$T/cases"
python3 "$TOP/tests/mime/strip-cases" make "$T/cases"
resident_conf 'scanners = 4' 'scan_wait = 5'
cat >"$T/recipes" <<END
DEFAULT=$T/box/inbox/
ORGMAIL=$T/box/inbox/
:0
@flatten
:0
@strip
END
ok 'bivalved serves' resident_start
for name in plain nested preamble twice clean; do
	rm -rf "$T/box/inbox"
	status 0 "$name: delivered" deliver "$T/cases/$name.eml" || diag "$(cat "$T/bivalved.log")"
	cat "$T"/box/inbox/new/* >"$T/result"
	not_ok "$name: without what was infected" grep -q 'filename="bad.com"' "$T/result"
	ok "$name: but with the text" grep -q 'Subject: test' "$T/result"
done
same "$T/result" "$T/cases/clean.eml" 'clean: as it came'
is "$(resident_value died)" 0 'no scanner died of it'
done_testing
