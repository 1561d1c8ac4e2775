#!/bin/sh
# install.sh install|uninstall: reads lines "mode owner:group directory files..."; the directories
# are below $DESTDIR.  Owners are set only by root: a packager's make install needs no rights.  Units
# and m4 files name the programs where they are: in $BINDIR and $SBINDIR.
set -eu
action=$1
paths=$(mktemp)
trap 'rm -f "$paths"' EXIT

# adapted FILE: FILE itself, or a copy of it that has the paths
adapted() {
	case $1 in
	*.service | *.timer | *.m4)
		sed "s,/usr/sbin/bivalve,${SBINDIR:-/usr/sbin}/bivalve,g
			s,/usr/bin/bivalve,${BINDIR:-/usr/bin}/bivalve,g" "$1" >"$paths"
		echo "$paths"
		;;
	*) echo "$1" ;;
	esac
}

while read -r mode owner dir files; do
	for file in $files; do
		to="${DESTDIR-}$dir/${file##*/}"
		case $action in
		install)
			from=$(adapted "$file")
			if [ "$(id -u)" -eq 0 ]; then
				install -D -m "$mode" -o "${owner%:*}" -g "${owner#*:}" "$from" "$to"
			else
				install -D -m "$mode" "$from" "$to"
			fi
			echo "$mode $to"
			;;
		uninstall)
			rm -f "$to"
			rmdir "${DESTDIR-}$dir" 2>/dev/null || :
			# Ours alone: /usr/share/bivalve.
			case ${dir%/*} in
			*/bivalve) rmdir "${DESTDIR-}${dir%/*}" 2>/dev/null || : ;;
			esac
			;;
		esac
	done
done
