#!/bin/sh
# install.sh install|uninstall: reads lines "mode owner:group directory files..."; the directories
# are below $DESTDIR.  Owners are set only by root: a packager's make install needs no rights.
set -eu
action=$1
while read -r mode owner dir files; do
	for file in $files; do
		to="${DESTDIR-}$dir/${file##*/}"
		case $action in
		install)
			if [ "$(id -u)" -eq 0 ]; then
				install -D -m "$mode" -o "${owner%:*}" -g "${owner#*:}" "$file" "$to"
			else
				install -D -m "$mode" "$file" "$to"
			fi
			echo "$mode $to"
			;;
		uninstall)
			rm -f "$to"
			rmdir "${DESTDIR-}$dir" 2>/dev/null || :
			;;
		esac
	done
done
