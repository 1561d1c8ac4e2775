# tap.awk: counts one test's TAP output.  Variables: test, status (of the program), seconds (its time
# limit), took; counts and skips name the files to write.  Prints one line for the reader.

function skip(reason, name) {
	sub(/^[ \t]+/, "", reason)
	if (reason == "")
		reason = "no reason given"
	print (name == "" ? reason : test ": " reason) "\t" (name == "" ? test : name) >skips
	skipped++
}

/^1\.\.[0-9]+/ {
	plans++
	planned += substr($1, 4)
	if ($1 == "1..0")
		skip(/# *SKIP/ ? substr($0, match($0, /# *SKIP/) + RLENGTH) : "", "")
	next
}

# cmocka says "not ok N # SKIP name" for a skipped test.
/^(not )?ok([ \t]|$)/ {
	seen++
	name = $0
	sub(/^(not )?ok[ \t]*[0-9]*[ \t]*(- )?/, "", name)
	if (match(name, /# *SKIP/)) {
		reason = substr(name, RSTART + RLENGTH)
		name = substr(name, 1, RSTART - 1)
		sub(/[ \t]+$/, "", name)
		if (name == "") {
			name = reason
			sub(/^[ \t]+/, "", name)
			reason = "the test says so"
		}
		skip(reason, name)
	} else if (/^ok/)
		passed++
	else
		failed++
	next
}

/^Bail out!/ {
	failed++
}

{
	last = $0
}

END {
	word = ""
	if (!plans && !seen) {
		if (status == 0)
			passed++
		else if (status == 77)
			skip(last, "")
		else
			failed++
	} else {
		if (!plans || seen < planned)
			word = "ended early"
		else if (seen > planned)
			word = "more results than planned"
		else if (status != 0 && !failed)
			word = "exit status " status
		if (word != "")
			failed++
	}
	if (status == 124)
		word = "stopped after " seconds " s"
	else if (status > 128)
		word = "killed by signal " (status - 128)
	printf "%d %d %d %s\n", passed, failed, skipped, test >counts
	note = !failed && !seen && last ~ /^note: / ? " (" substr(last, 7) ")" : ""
	printf "%-6s %4d  %s%s%s%s%s\n", failed ? "FAILED" : passed ? "ok" : "left", passed, test,
	    note, skipped && passed ? " (" skipped " left out)" : "", word == "" ? "" : ": " word,
	    (took > 4) ? " [" took " s]" : ""
}
