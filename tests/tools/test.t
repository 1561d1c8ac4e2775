#!/bin/sh
# test.t: bivalvectl test, on an mbox and a Maildir.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"

user_dir "$T/home"
echo 'site_recipes =' >"$T/conf"
for i in 1 2 3 4 5 6; do
	printf 'From a@example.org Tue Mar 13 10:00:0%s 2001\nFrom: a%s@example.org\nSubject: =?utf-8?q?m=65?= %s\n\nFrom x\n\nbody\n\n' \
	    $i $i $i
done >"$T/mbox"
mkdir -p "$T/md/new" "$T/md/cur"
for i in 1 2 3; do
	printf 'From: a\nSubject: me %s\n\nbody\n' $i >"$T/md/new/$i"
done
mv "$T/md/new/3" "$T/md/cur/3:2,S"
printf ':0:\n* ^Subject:.*[12]$\nlow\n' >"$T/home/old"
printf ':0 c\n{\n:0\nall/\n}\n:0:\n* ^Subject:.*[13]$\nodd\n' >"$T/home/new"
printf ':0:\n* ^Subject:.*[13]$\nodd\n' >"$T/home/plain"
chmod 644 "$T"/home/*

ctl() {
	(cd "$T/home" && as_user env -i PATH="$PATH" LC_ALL=C "$B/bivalvectl" test --config "$T/conf" \
	    "$@" HOME="$T/home" DEFAULT=inbox ORGMAIL=inbox) >"$T/out" 2>"$T/err"
}

ctl "$T/mbox" --rc "$T/home/plain" --against "$T/home/old"
is $? 1 "something changes: status 1"
cat >"$T/want" <<'X1'
MESSAGES  NOW    NEW
       1  inbox  odd
       1  low    inbox
       1  low    odd

NR  FROM            SUBJECT  NOW    NEW
 1  a1@example.org  me 1     low    odd
 2  a2@example.org  me 2     low    inbox
 3  a3@example.org  me 3     inbox  odd

3 of 6 messages would go elsewhere.
X1
same "$T/out" "$T/want" "a table of what would change"
is "$(cd "$T/home" && echo *)" "new old plain" "nothing was delivered"
ctl "$T/md" --rc "$T/home/plain" --against "$T/home/plain"
is "$? $(cat "$T/out")" "0 0 of 3 messages would go elsewhere." "a Maildir; nothing changes: status 0"
ctl "$T/md" --rc "$T/home/new" --against "$T/home/old"
like "$(cat "$T/out")" '^3 of 3' "copies count"
ctl "$T/md" --json --rc "$T/home/new" --against "$T/home/old"
like "$(cat "$T/out")" '"new": "all/, odd"' "and are named"
sed 's/^odd$/even/' "$T/home/new" >"$T/home/newer"
chmod 644 "$T/home/newer"
ctl "$T/md" --rc "$T/home/newer" --against "$T/home/new"
like "$(cat "$T/out")" '^ *2  \.\.\., odd  \.\.\., even$' "copies that both make are left out of the table"
ctl "$T/nosuch" --rc "$T/home/new"
is $? 75 "no such mailbox"
ctl "$T/md"
is $? 64 "no new recipes"
done_testing
