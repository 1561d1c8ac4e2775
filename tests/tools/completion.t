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
	is "$(cd "$T" && bash complete ./bash bivalvectl test --rc comm)" commands "bash: files where there are files"
	like "$(bash "$T/complete" "$T/bash" bivalvectl explain --user roo)" '^root$' "bash: users"
	is "$(cd "$T" && bash complete ./bash bivalvectl report --since comm)" "" "bash: nothing for a time"
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

# ---- in a shell, as a person types
cat >"$T/typed.py" <<'X1'
import os, pty, select, sys, time
shell, begin, typed, wanted = sys.argv[1:5]
pid, fd = pty.fork()
if pid == 0:
	os.environ.update(TERM="dumb", PS1="% ", HOME=os.environ["T"], ZDOTDIR=os.environ["T"])
	os.execvp(shell, [shell] + (["--norc", "--noprofile", "-i"] if shell == "bash" else ["-f", "-i"]))
seen = b""
def until(text, since):
	"""Reads until text comes, for a minute at most."""
	global seen
	end = time.monotonic() + 60
	while text not in seen[since:] and time.monotonic() < end:
		if select.select([fd], [], [], 1)[0]:
			try:
				more = os.read(fd, 4096)
			except OSError:
				break
			if not more:
				break
			seen += more
	return text in seen[since:]
os.write(fd, (begin + "; echo rea''dy\n").encode())
ok = until(b"ready\r\n", 0)
at = len(seen)
os.write(fd, typed.encode() + b"\t")
ok = ok and until(wanted.encode(), at)
os.write(fd, b"\x03exit\n")
os.kill(pid, 9)
os.waitpid(pid, 0)
if not ok:
	sys.stderr.write(repr(seen[at:]) + "\n")
sys.exit(not ok)
X1
mkdir "$T/fpath" && cp "$T/zsh" "$T/fpath/_bivalvectl"
export T
for shell in bash zsh; do
	if ! command -v python3 >/dev/null || ! command -v $shell >/dev/null; then
		skip "$shell, typed" "no $shell or no python3 here"
		continue
	fi
	begin=". '$T/bash'"
	[ $shell = bash ] || begin="fpath=('$T/fpath' \$fpath); autoload -Uz compinit; compinit -u -D"
	ok "$shell, typed: a command" python3 "$T/typed.py" $shell "$begin" "bivalvectl quara" "quarantine "
	ok "$shell, typed: a word" python3 "$T/typed.py" $shell "$begin" "bivalvectl quarantine rel" "quarantine release "
	ok "$shell, typed: an option" python3 "$T/typed.py" $shell "$begin" "bivalvectl explain --run" "--run-programs "
	ok "$shell, typed: a file" python3 "$T/typed.py" $shell "cd '$T'; $begin" "bivalvectl test --rc comm" "--rc commands "
done
done_testing
