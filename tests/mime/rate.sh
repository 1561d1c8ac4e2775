# rate.sh - for tests and figures: what the scanner says of the messages of gen-ambiguous.
# Include it behind tap.sh, with the directory of the objects in $objects.
#
#	rate_build                builds the driver; false if that does not work
#	rate_scan DIR >RESULTS    a line for each message: NAME VERDICT [DEFECT...], where VERDICT is
#	                          found, unscannable, clean, or what went wrong
#	rate_table <RESULTS       families, and how many were found, flagged and missed
#	rate_count WHAT <RESULTS  the sum of one of these: messages found flagged missed
#	rate_hold PAYLOAD         the tests, on the messages with that payload
# shellcheck shell=sh disable=SC2154

rate_build() {
	mkdir "$T/db" "$T/tmp" && cp "$TOP"/recipes/signatures/*.?db "$T/db" || return 1
	# shellcheck disable=SC2046,SC2086  # lists
	${COMPILE:-cc -std=gnu11 -D_GNU_SOURCE} -I"$TOP/src" -o "$T/judge" \
	    "$TOP/tests/mime/judge.c" "$objects"/base/*.o "$objects"/core/*.o \
	    "$objects"/mime/*.o "$objects"/scan/*.o "$objects/entry/scanner_judge.o" \
	    $(pkg-config --libs gmime-3.0 libxml-2.0 libclamav) >&2
}

rate_scan() {
	find "$1" -type f | sort | xargs "$T/judge" "$T/db" "$T/tmp"
}

rate_table() {
	awk '
	{ family = substr($1, 1, index($1, "-") - 1) }
	!(family in all) { order[++n] = family }
	{ all[family]++ }
	$2 == "found" { found[family]++; next }
	$2 == "unscannable" || NF > 2 { flagged[family]++; next }
	{ missed[family]++ }
	END {
		print "family messages found flagged missed"
		for (i = 1; i <= n; i++) {
			f = order[i]
			print f, all[f], found[f] + 0, flagged[f] + 0, missed[f] + 0
			a += all[f]; b += found[f]; c += flagged[f]; d += missed[f]
		}
		printf "all %d %.1f%% %.1f%% %.1f%%\n", a, 100 * b / a, 100 * c / a, 100 * d / a
	}' | column -t
}

rate_count() {
	awk -v what="$1" '
	{ n["messages"]++ }
	$2 == "found" { n["found"]++; next }
	$2 == "unscannable" || NF > 2 { n["flagged"]++; next }
	{ n["missed"]++ }
	END { print n[what] + 0 }'
}

rate_hold() {
	[ -x "$B/bivalve-scan" ] || skip_all "bivalve-scan is not built"
	rate_build || skip_all "the driver does not compile"
	python3 "$TOP/tests/mime/gen-ambiguous" "$T/messages" "$1" >&2
	rate_scan "$T/messages" >"$T/results"
	rate_messages=$(rate_count messages <"$T/results")
	is "$rate_messages" "$(find "$T/messages" -type f | wc -l)" \
	    "each of $rate_messages messages has a verdict"
	is "$(awk '$2 != "found" && $2 != "unscannable" && NF < 3 { print $1 }' "$T/results")" "" \
	    "none is passed in silence"
	ok "97 % are found" test "$(($(rate_count found <"$T/results") * 100))" -ge \
	    "$((rate_messages * 97))"
	is "$(awk '$2 !~ /^(found|unscannable|clean)$/' "$T/results")" "" "the scanner never fails"
	rate_table <"$T/results" | sed 's/^/# /'
}
