#!/bin/sh
# groups.t: a delivery that root starts has all groups of its recipient: those of /etc/group, and
# those that systemd's userdb adds, whose module is left out only where it has nothing to say.
. "$(dirname "$0")/../lib/tap.sh"
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
need unshare setpriv strace
unshare -m true 2>/dev/null || skip_all "needs mount namespaces"
module=$(find /usr/lib /lib -name libnss_systemd.so.2 2>/dev/null | head -n 1)
[ -n "$module" ] || skip_all "needs libnss_systemd.so.2 (libnss-systemd)"

# User and group names that no module makes up.
user_dir "$T/home"
chown games "$T/home"
mkdir "$T/etc" "$T/run"
cp /etc/ld.so.cache "$T/etc"
sed "s|^games:.*|games:x:$(id -u games):$(id -g games):games:$T/home:/bin/sh|" /etc/passwd \
    >"$T/etc/passwd"
{
	grep -v '^bivalve-' /etc/group
	echo "bivalve-files:x:47110:games"
} >"$T/etc/group"
printf 'passwd: files\ngroup: files systemd\n' >"$T/etc/nsswitch.conf"
printf 'PATH=/usr/bin:/bin\nSHELL=/bin/sh\nDEFAULT=%s/home/inbox\n:0 wic\n| id -G >groups\n' "$T" \
    >"$T/home/.procmailrc"
printf 'Subject: x\n\nx\n' >"$T/msg"

# inside COMMAND...: with our own /etc and no service of systemd's
inside() {
	# shellcheck disable=SC2016
	T=$T unshare -m sh -c 'mount --bind "$T/etc" /etc && mount --bind "$T/run" /run &&
	    exec "$@"' inside "$@" 2>"$T/err"
}

# A leak checker does not work under strace.
traced="strace -f -o $T/trace -e trace=openat"
[ -z "${SAN-}" ] || traced=

# groups_of_delivery: their numbers, sorted
groups_of_delivery() {
	rm -f "$T/home/groups"
	# shellcheck disable=SC2086
	inside $traced "$B/bivalve" -d games <"$T/msg" ||
		sed 's/^/# /' "$T/err"
	tr ' ' '\n' <"$T/home/groups" | sort -n | tr '\n' ' '
}

# as initgroups(3) has them for any program
groups_wanted() {
	inside setpriv --reuid=games --regid=games --init-groups id -G | tr ' ' '\n' | sort -n |
	    tr '\n' ' '
}

# unloaded DESCRIPTION: the last delivery did without systemd's module
unloaded() {
	if [ -n "$traced" ]; then
		is "$(grep -c nss_systemd "$T/trace")" 0 "$1"
	else
		skip "$1" "a leak checker does not work under strace"
	fi
}

wanted=$(groups_wanted)
like "$wanted" ' 47110 ' "a group of /etc/group"
is "$(groups_of_delivery)" "$wanted" "is the delivery's, too"
unloaded "systemd's module has nothing to say and is not loaded"

mkdir "$T/etc/userdb"
echo "{}" >"$T/etc/userdb/games:bivalve-more.membership"
printf '{"groupName":"bivalve-more","gid":47111}\n' >"$T/etc/userdb/bivalve-more.group"
ln -s bivalve-more.group "$T/etc/userdb/47111.group"
wanted=$(groups_wanted)
like "$wanted" ' 47110 .*47111 ' "a group that systemd adds"
is "$(groups_of_delivery)" "$wanted" "is the delivery's, too"

printf 'passwd: files\ngroup: files [SUCCESS=merge] systemd\n' >"$T/etc/nsswitch.conf"
is "$(groups_of_delivery)" "$wanted" "nor does [SUCCESS=merge] lose it"

rm -r "$T/etc/userdb"
mkdir -p "$T/run/systemd/userdb"
: >"$T/run/systemd/userdb/io.systemd.DynamicUser"
is "$(groups_of_delivery)" "$(groups_wanted)" "with the service of dynamic users alone"
unloaded "it is not asked"
: >"$T/run/systemd/userdb/io.systemd.Multiplexer"
is "$(groups_of_delivery)" "$(groups_wanted)" "with a service that may know"
if [ -n "$traced" ]; then
	ok "the module is asked" grep -q nss_systemd "$T/trace"
else
	skip "the module is asked" "a leak checker does not work under strace"
fi
rm -r "$T/run/systemd"

# ---- a monitor remembers for two seconds at most
conversation() {
	printf 'LHLO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<games>\r\nDATA\r\nSubject: 1\r\n\r\n1\r\n.\r\n'
	i=0
	while [ ! -s "$T/home/groups" ] && [ $i -lt 200 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	sleep 0.5
	mv "$T/home/groups" "$T/first"
	mkdir "$T/etc/userdb"
	echo "{}" >"$T/etc/userdb/games:bivalve-more.membership"
	printf '{"groupName":"bivalve-more","gid":47111}\n' >"$T/etc/userdb/bivalve-more.group"
	ln -s bivalve-more.group "$T/etc/userdb/47111.group"
	sleep 3
	printf 'MAIL FROM:<a@x.test>\r\nRCPT TO:<games>\r\nDATA\r\nSubject: 2\r\n\r\n2\r\n.\r\nQUIT\r\n'
}
rm -f "$T/home/groups"
conversation | inside "$B/bivalve" --lmtp >"$T/said"
is "$(grep -c '^250 2.0.0' "$T/said")" 2 "two messages over one connection" || diag "$(cat "$T/said" "$T/err")"
not_ok "the first without the group" grep -qw 47111 "$T/first"
ok "the second, behind systemd's change, with it" grep -qw 47111 "$T/home/groups"
done_testing
