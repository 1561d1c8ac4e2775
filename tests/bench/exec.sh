#!/bin/sh
# exec.sh: one start of the delivery agent per message, nothing scanned: bivalve against procmail
# with the same recipes, in turn: a user's own delivery, and "-d USER" by root, as sendmail calls it.
# Ratios under 1 mean that bivalve needs less.
. "$(dirname "$0")/../lib/tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$B/bivalve" ] || { echo "exec: bivalve is not built"; exit 0; }
procmail=$(command -v procmail) || { echo "exec: no procmail here to compare with"; exit 0; }

# In memory where possible: both make the mail durable, and a disk's mood would hide all else.
if [ -w /dev/shm ]; then
	rm -rf "$T"
	T=$(mktemp -d /dev/shm/bivalve-bench.XXXXXX)
	chmod 755 "$T"
fi
home=$T/home
user_dir "$home"
user_dir "$home/box"
cp "$B/bivalve" "$T/bivalve"
${CC:-cc} -O2 -D_GNU_SOURCE -o "$T/measure" "$here/measure.c" || exit 1

# message BYTES
message() {
	cat <<END
From alice@example.org Thu Nov  5 09:12:44 2026
Return-Path: <alice@example.org>
Received: from mx.example.org (mx.example.org [192.0.2.17]) by mail.example.net with ESMTP id x1
	for <bob@example.net>; Thu, 5 Nov 2026 09:12:44 +0000
Date: Thu, 5 Nov 2026 09:12:40 +0000
From: Alice Example <alice@example.org>
To: Bob Example <bob@example.net>
Cc: staff@example.net, Carol <carol@example.com>
Subject: Minutes of the meeting on Thursday
Message-ID: <20261105091240.4711@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
X-Mailer: Example 1.0

END
	yes 'The quick brown fox jumps over the lazy dog, and the minutes follow below as agreed.' |
	    head -c "$1"
	echo
}

# recipes COUNT BODY FOLDER: COUNT header conditions that do not hold, BODY ones on the body, FOLDER.
recipes() {
	i=0
	while [ "$i" -lt "$1" ]; do
		i=$((i + 1))
		case $((i % 4)) in
		0) condition="^Subject:.*\\[list-$i\\]" ;;
		1) condition="^TO_list-$i@lists\\.example\\.com" ;;
		2) condition="^From:.*(user$i|robot$i)@example\\.com" ;;
		3) condition="^List-Id:.*<group$i\\.example\\.com>" ;;
		esac
		printf ':0\n* %s\nbox/never-%s\n\n' "$condition" "$i"
	done
	i=0
	while [ "$i" -lt "$2" ]; do
		i=$((i + 1))
		printf ':0B\n* offer number %s (now|today)\nbox/never\n\n' "$i"
	done
	case $3 in
	*/) printf ':0\n%s\n' "$3" ;;
	*) printf ':0:\n%s\n' "$3" ;;
	esac
}

# row NAME ROUNDS SIZE COUNT BODY FOLDER
row() {
	recipes "$4" "$5" "$6" >"$home/rc"
	chmod 644 "$home/rc"
	for program in "$procmail" "$T/bivalve"; do
		printf '%s\n' "$program" HOME="$home" SHELL=/bin/sh COMSAT=no DEFAULT="$home/inbox" \
		    ORGMAIL="$home/orgmail" LOGFILE=/dev/null MAILDIR="$home" PATH=/usr/bin:/bin "$home/rc" \
		    >"$T/${program##*/}.args"
	done
	printf '%-9s%6s%5s ' "$1" "$3" "$4$([ "$5" -eq 0 ] || echo "+$5")"
	as_user env -i PATH=/usr/bin:/bin HOME="$home" LOGNAME=nobody "$T/measure" "$2" "$T/msg.$3" \
	    "$home/box" "$T/procmail.args" "$T/bivalve.args" || echo
}

# as_root ROUNDS SIZE: root delivers for $tap_user, whose home is $home in a copy of /etc that only
# we see, and so is /var/mail.
as_root() {
	# shellcheck disable=SC2154  # tap.sh sets it
	printf '%s\n' "$procmail" -d "$tap_user" >"$T/procmail.args"
	printf '%s\n' "$T/bivalve" -d "$tap_user" >"$T/bivalve.args"
	# shellcheck disable=SC2016
	T=$T home=$home unshare -m sh -c 'mount --bind "$T/etc" /etc && mount --bind "$T/mail" /var/mail &&
	    exec env -i PATH=/usr/bin:/bin "$T/measure" "$1" "$T/msg.$2" "$home/box" "$T/procmail.args" \
	    "$T/bivalve.args"' as_root "$@"
}

# root_row NAME ROUNDS SIZE COUNT FOLDER
root_row() {
	{
		printf 'MAILDIR=%s\nSHELL=/bin/sh\nCOMSAT=no\nLOGABSTRACT=no\n' "$home"
		recipes "$4" 0 "$5"
	} >"$home/.procmailrc"
	chmod 644 "$home/.procmailrc"
	printf '%-9s%6s%5s ' "$1" "$3" "$4"
	as_root "$2" "$3" || echo
}

for size in 4k 100k 5M 32M; do
	case $size in
	*k) message $((${size%k} * 1024)) ;;
	*M) message $((${size%M} * 1048576)) ;;
	esac >"$T/msg.$size"
done

echo "One delivery, nothing scanned: median CPU and wall milliseconds, peak KB"
echo "                     |        procmail        |         bivalve         |  bivalve/procmail"
echo "folder   message  rc |   cpu     wall    peak |   cpu     wall     peak |   cpu  wall  peak"
for size in 4k 100k 5M 32M; do
	case $size in 4k) rounds=200 ;; 100k) rounds=100 ;; 5M) rounds=21 ;; *) rounds=7 ;; esac
	row maildir $rounds $size 3 0 box/md/
	row maildir $rounds $size 100 0 box/md/
done
row maildir 41 100k 100 20 box/md/
row maildir 7 5M 3 5 box/md/
# Few rounds: procmail sleeps a second for each, to make an mbox newer than when it was last read.
for size in 4k 100k 5M 32M; do
	row mbox 7 $size 3 0 box/mbox
	row mbox 7 $size 100 0 box/mbox
done

if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
	echo "exec: started by root (-d): needs root and mount namespaces"
	exit 0
fi
mkdir "$T/mail"
chmod 1777 "$T/mail"
mkdir "$T/etc"
for file in nsswitch.conf group localtime ld.so.cache; do
	if [ -e "/etc/$file" ]; then cp "/etc/$file" "$T/etc/"; fi
done
sed "s|^\($tap_user:[^:]*:[^:]*:[^:]*:[^:]*\):[^:]*:[^:]*\$|\1:$home:/bin/sh|" /etc/passwd >"$T/etc/passwd"
rm -rf "$home/box/md" "$home/box/mbox"
echo "started by root, for $tap_user (-d):"
root_row maildir 400 4k 3 box/md/
root_row maildir 200 4k 100 box/md/
root_row maildir 100 100k 3 box/md/
root_row mbox 15 4k 3 box/mbox
cat <<'END'
What -d costs more, and procmail does not: a second process, which keeps root's rights for the scanner,
the quarantine and the time limit while the first one gives them up before it reads a byte.  It is
counted here.  procmail asks all sources for groups, bivalve leaves systemd's out where it knows of
none.  bivalve syncs the directory, too; here, in memory, that costs nothing.
END
