#!/bin/sh
# spamfilter.t: the hand-off to a spam filter, also to one that is not there.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"

# Marks what says "Buy", as SpamAssassin or Rspamd would.
cat >"$T/filter" <<'END'
#!/bin/sh
sed "1s/^/X-Filter: seen\n/" >"$HOME/seen"
if grep -q Buy "$HOME/seen"; then echo "$1"; fi
ls -a "$HOME" >"$HOME/files"
cat "$HOME/seen"
END
printf '#!/bin/sh\nhead -c 10\nexit 1\n' >"$T/broken"

ham=$(mail ham)
spam=$(mail spam 'X-Offer: Buy now')

through spamfilter.rc "$ham" SPAMFILTER="$T/filter X-Spam-Flag:YES"
is "$status $folder $(has X-Filter)" '0 inbox seen' 'ham has been seen, and is in the inbox'
ok 'the filter runs under a lock' grep -q '^\.spamfilter\.lock$' "$H/files"
not_ok 'which is gone afterwards' test -e "$H/.spamfilter.lock"

for flag in 'X-Spam-Flag:YES' 'X-Spam-Status:Yes' 'X-Spam:Yes'; do
	through spamfilter.rc "$spam" SPAMFILTER="$T/filter $flag"
	is "$status $folder" '0 spam' "spam goes to its folder ($flag)"
done
through spamfilter.rc "$spam" SPAMFILTER="$T/filter X-Spam-Flag:YES" SPAMFOLDER="$T/home4/junk/"
is "$status" 0 'another folder'

through spamfilter.rc "$(mail forged 'X-Spam-Flag: YES')" SPAMFILTER="$T/filter X-Spam:no"
is "$status $folder" '0 inbox' 'a forged flag is taken off'

for filter in nowhere/filter broken; do
	through spamfilter.rc "$ham" SPAMFILTER="$T/$filter"
	is "$status $folder" '0 inbox' "$filter: the mail is in the inbox"
	same "$file" "$ham" "$filter: every byte is as it was"
done

{
	cat "$spam"
	head -c 600000 /dev/zero | tr '\0' a | fold -w 70
} >"$T/large"
through spamfilter.rc "$T/large" SPAMFILTER="$T/filter X-Spam-Flag:YES"
is "$status $folder $(has X-Filter)" '0 inbox ' 'a large message is not handed over'

done_testing
