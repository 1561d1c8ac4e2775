#!/bin/sh
# lists.t: mailing lists into folders of their own.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"

# into FOLDER DESCRIPTION FIELD...
into() {
	wanted=$1 text=$2
	shift 2
	through lists.rc "$(mail list "$@")"
	is "$status $folder" "0 $wanted" "$text"
}

into inbox 'other mail goes on'
into lists/talk.example.org 'List-Id' 'List-Id: Talk about it <talk.example.org>'
into lists/talk.example.org 'List-Id, folded and without words' "List-Id:
 <talk.example.org>"
into lists/talk 'List-Post' 'List-Post: <mailto:talk@example.org>'
into lists/talk-help 'Mailing-List' 'Mailing-List: contact talk-help@example.org; run by ezmlm'
into lists/talk 'X-Mailing-List' 'X-Mailing-List: <talk@example.org>'
into lists/talk 'X-BeenThere' 'X-BeenThere: talk@example.org'
into lists/talk 'Sender' 'Sender: owner-talk@example.org'
into lists/talk 'Sender with words' 'Sender: The list <owner-talk@example.org>'
into inbox 'a Sender that is no list' 'Sender: secretary@example.org'

# Names are strangers' words.
for name in '../../etc/x' '.hidden' '/etc/x' "\$HOME" '..'; do
	into inbox "a list called $name leads nowhere" "List-Id: <$name>"
done

through lists.rc "$(mail list 'List-Id: <talk.example.org>')" LISTS="$T/nowhere"
is "$status $folder" '0 inbox' 'without the directory mail stays in the inbox'
through lists.rc "$(message list)"
is "$status $folder" '0 lists/talk.lists.example.org' 'a real one'

done_testing
