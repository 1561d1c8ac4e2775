#!/bin/sh
# completion.t: what bash and zsh are told is what the commands know.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
[ -x "$B/bivalvectl" ] || skip_all "bivalvectl is not built"

"$B/bivalvectl" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | sort >"$T/commands"
"$B/bivalvectl" completion bash >"$T/bash"
"$B/bivalvectl" completion zsh >"$T/zsh"
status 64 "no other shell" "$B/bivalvectl" completion fish

if command -v bash >/dev/null; then
	# complete WORD...: what bash offers behind these words
	cat >"$T/complete" <<'X1'
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_bivalvectl
printf '%s\n' "${COMPREPLY[@]}" | sort
X1
	bash "$T/complete" "$T/bash" bivalvectl '' | grep -v '^-' >"$T/got"
	same "$T/got" "$T/commands" "bash: every command"
	while read -r command; do
		"$B/bivalvectl" "$command" --help | sed -n 's/^  .*\(--[a-z-]*\)[ ].*/\1/p' | sort >"$T/want"
		bash "$T/complete" "$T/bash" bivalvectl "$command" -- >"$T/got"
		same "$T/got" "$T/want" "bash: every option of $command"
	done <"$T/commands"
	is "$(bash "$T/complete" "$T/bash" bivalvectl quarantine re)" release "bash: what may stand first"
else
	skip "bash" "no bash here"
fi

sed -n "s/^	'\([a-z]*\):.*/\1/p" "$T/zsh" | sort >"$T/got"
same "$T/got" "$T/commands" "zsh: every command"
if command -v zsh >/dev/null; then
	ok "zsh understands it" zsh -n "$T/zsh"
else
	skip "zsh understands it" "no zsh here"
fi
done_testing
