#!/bin/sh
# lint-top.sh [ROOT]: the top level holds what the project says it holds and nothing else: a scratch
# file left in the checkout must not come along with a commit.
cd "${1:-.}" || exit 1

if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	git ls-files -co --exclude-standard
else
	find . -mindepth 1 -maxdepth 1 | sed 's,^\./,,'
fi | sed 's,/.*,,' | sort -u | {
	bad=0
	while read -r name; do
		case $name in
		Makefile | src | recipes | tests | doc | README.md | LICENSE | .*) ;;
		build | compile_commands.json) ;; # ours, where no git says that they are ignored
		*)
			echo "$name:1: no part of the top level: remove it, or find it a directory"
			bad=1
			;;
		esac
	done
	exit "$bad"
}
