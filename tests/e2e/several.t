#!/bin/sh
# several.t: one command line with several recipients: the message is read once, and held as
# spool_memory says.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
for user in games news; do
	id "$user" >/dev/null 2>&1 || skip_all "no user $user here"
done
mkdir "$T/db" "$T/spool" "$T/tmp" "$T/box"
chmod 1777 "$T/tmp" "$T/box" "$T/spool"
cp "$TOP"/recipes/signatures/*.?db "$T/db"
cat >"$T/conf" <<X
site_recipes = $T/site.rc
database = $T/db
scan_user = nobody
scan_socket = $T/nosuch
temp_dir = $T/tmp
spool_dir = $T/spool
spool_memory = 64
X
echo "DEFAULT=$T/box/\$LOGNAME" >"$T/site.rc"

# message KB: that much text behind a header
message() {
	printf 'From: a@example.org\nSubject: s\n\n'
	yes 0123456789012345678901234567890123456789012345678901234567890 | head -c "$1"K
	echo end
}

# deliver: standard input, to two; the process number in $T/pid
deliver() {
	rm -f "$T/box"/*
	sh -c 'echo $$ >"$1/pid"; exec "$2" --verbose --config "$1/conf" -f s@example.org -d games news' \
	    sh "$T" "$B/bivalve" >"$T/out" 2>&1
}

# held: KB in memory, and in files, of what it has open
held() {
	for fd in /proc/"$(cat "$T/pid")"/fd/*; do
		case $(readlink "$fd") in
		*memfd:*) echo "memory $(stat -L -c '%b %B' "$fd")" ;;
		"$T"/*) echo "file $(stat -L -c '%b %B' "$fd")" ;;
		esac
	done | awk '{ kb[$1] += $2 * $3 / 1024 } END { print kb["memory"] + 0, kb["file"] + 0 }'
}

# is_held KB: waits until so much is, wherever
is_held() {
	for _ in $(seq 300); do
		[ "$(held 2>/dev/null | awk '{ print $1 + $2 }')" -lt "$1" ] || return 0
		sleep 0.1
	done
	return 1
}

# arrived KB: both have got it whole
arrived() {
	message "$1" >"$T/wanted"
	for user in games news; do
		sed '/^From /d; /^Return-Path:/d' "$T/box/$user" | sed '${/^$/d}' >"$T/got"
		same "$T/got" "$T/wanted" "$user has a message of $1 KB"
	done
}

message 10 | deliver
arrived 10

{
	message 102400
	while [ ! -e "$T/go" ]; do
		sleep 0.1
	done
} | deliver &
ok "a large message is held" is_held 102400
memory=$(held | cut -d' ' -f1)
[ "$memory" -le 256 ]
is $? 0 "100 MB cost $memory KB of memory"
touch "$T/go"
wait
arrived 102400
is "$(ls "$T/spool")" "" "nothing is left in spool_dir"

printf ':0\n* ! scan:status ?? ^clean\n%s\n' "$T/box/unclean" >>"$T/site.rc"
message 1024 | deliver
arrived 1024

sed -i "s|^spool_dir.*|spool_dir = $T/nosuch|" "$T/conf"
message 1024 | deliver
is $? 75 "without a place for it a large message is deferred"
is "$(ls "$T/box")" "" "and delivered to nobody"
sed -i '/^:0/,$d' "$T/site.rc"
message 10 | deliver
arrived 10
sed -i '$a max_message_size = 1' "$T/conf"
sed -i "s|^spool_dir.*|spool_dir = $T/spool|" "$T/conf"
message 2048 | deliver
is $? 75 "one over max_message_size is deferred"
done_testing
