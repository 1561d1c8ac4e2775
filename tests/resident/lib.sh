# lib.sh: a bivalved of the test's own.  Include it after tap.sh.
#
#	resident_conf [LINE...]      writes $T/conf; further lines are added
#	resident_start               starts it and waits until it serves
#	resident_stop                ends it in order
#	resident_is KEY VALUE        waits until the status says so (10 s at most)
#	pids WHAT                    process numbers of "bivalved: WHAT" of this test
#	free_port                    a TCP port of the host itself that nobody has
#	deliver FILE                 as an ordinary user, by the site's recipes; the exit status
# shellcheck shell=sh disable=SC2154

resident_pid=

resident_conf() {
	user_dir "$T/tmp"
	user_dir "$T/box"
	mkdir -p "$T/signatures"
	cp "$TOP"/recipes/signatures/*.?db "$T/signatures/"
	cat >"$T/recipes" <<-END
		DEFAULT=$T/box/inbox
		ORGMAIL=$T/box/inbox
		LOGFILE=$T/box/log
		:0:
		* scan:status ?? unscannable
		$T/box/unscannable
		:0:
		* scan:virus ?? .
		$T/box/infected
	END
	cat >"$T/conf" <<-END
		database = $T/signatures
		scan_user = nobody
		temp_dir = $T/tmp
		site_recipes = $T/recipes
		scan_socket = $T/run/scan
		lmtp_socket = $T/run/lmtp
		status_socket = $T/run/status
		metrics_socket = $T/run/metrics
		counts_socket = $T/run/counts
		require_resident = yes
		scan_timeout = 20
	END
	for resident_line; do
		printf '%s\n' "$resident_line" >>"$T/conf"
	done
}

resident_begin() {
	"$B/bivalved" -v -c "$T/conf" >>"$T/bivalved.log" 2>&1 &
	resident_pid=$!
}

resident_start() {
	resident_begin
	resident_is serving true
}

resident_stop() {
	[ -n "$resident_pid" ] || return 0
	kill -TERM "$resident_pid"
	wait "$resident_pid"
}

resident_status() {
	"$B/bivalvectl" status --config "$T/conf" --json 2>/dev/null
}

# resident_value KEY
resident_value() {
	resident_status | sed -n "s/.*\"$1\":\([^,}]*\).*/\1/p"
}

resident_is() {
	resident_n=0
	while [ "$(resident_value "$1")" != "$2" ]; do
		resident_n=$((resident_n + 1))
		if [ "$resident_n" -gt 100 ]; then
			diag "$1 is not $2: $(resident_status)"
			return 1
		fi
		sleep 0.1
	done
}

# Below the master of this test only: others may run beside it.
pids() {
	ps -e -o pid=,ppid=,args= | awk -v master="$resident_pid" -v what="bivalved: $1" '
		{
			pid = $1; parent[pid] = $2
			sub(/^ *[0-9]+ +[0-9]+ /, "")
			title[pid] = $0
		}
		END {
			for (p in title) {
				if (index(title[p], what) != 1)
					continue
				for (q = p; q != "" && q != master; q = parent[q])
					;
				if (q == master)
					print p
			}
		}'
}

free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# As root for the ordinary user, whose rights it then has.
deliver() {
	if [ "$(id -u)" -eq 0 ]; then
		"$B/bivalve" --config "$T/conf" -f sender@example.org -d "$tap_user" <"$1"
	else
		"$B/bivalve" --config "$T/conf" -f sender@example.org <"$1"
	fi
}

trap 'resident_stop 2>/dev/null; rm -rf "$T"' EXIT
