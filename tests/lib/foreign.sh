# foreign.sh: other packages' programs, in a machine of the test's own.  Include it after tap.sh.
#
#	foreign_begin "$0" PACKAGE...   starts the script anew as root of namespaces of its own: mounts
#	                      (what it writes to /etc, /var and /run stays there), network (loopback is
#	                      up, all ports are free), processes (all end with the script).  The Debian
#	                      packages are laid over the system, as far as they can be had.  skip_all
#	                      where that cannot be
#	foreign_has PACKAGE   is it there?
#	foreign_account NAME UID [SHELL]    with a group of the same number and a home in $R/home
#	foreign_until COMMAND...            waits until it holds, a minute at most
#
# $R is a directory in memory that ends with the namespace; $R/packages/PACKAGE has the files of one
# package alone.  Packages are unpacked into build/foreign, not installed: an MTA's package would take
# the machine's own MTA away.
# shellcheck shell=sh

R=$T/room

# Into build/foreign/PACKAGE, once.
foreign_fetch() {
	foreign_dir=$TOP/build/foreign/$1
	[ ! -d "$foreign_dir" ] || return 0
	foreign_new=$foreign_dir.new.$$
	mkdir -p "$foreign_new/tree"
	(cd "$foreign_new" && timeout 60 apt-get -q -o Acquire::Retries=1 download "$1" &&
	    dpkg-deb -x ./*.deb tree) >/dev/null 2>&1 &&
	    mv -T "$foreign_new/tree" "$foreign_dir" 2>/dev/null
	# Where that failed, somebody may have been faster.
	rm -rf "$foreign_new"
	[ -d "$foreign_dir" ]
}

# foreign_overlay DIRECTORY [LOWER...]: the files of LOWER seem to lie in DIRECTORY, too
foreign_overlay() {
	foreign_over=$1
	foreign_upper=$R/upper$1
	foreign_lower=
	shift
	mkdir -p "$foreign_upper/data" "$foreign_upper/work"
	for foreign_dir; do
		[ ! -d "$foreign_dir" ] || foreign_lower=$foreign_lower$foreign_dir:
	done
	mount -t overlay overlay "$foreign_over" -o \
	    "lowerdir=$foreign_lower$foreign_over,upperdir=$foreign_upper/data,workdir=$foreign_upper/work"
}

# The file systems of the new namespace.
foreign_inside() {
	trap 'umount -l "$R" 2>/dev/null; rm -rf "$T"' EXIT
	mkdir "$R" && mount -t tmpfs -o mode=755 none "$R" || return
	mkdir "$R/home" "$R/run" "$R/packages"
	for foreign_name; do
		[ -d "$TOP/build/foreign/$foreign_name" ] || continue
		mkdir "$R/packages/$foreign_name"
		mount --bind "$TOP/build/foreign/$foreign_name" "$R/packages/$foreign_name" || return
	done
	for foreign_place in usr etc var; do
		set -- "/$foreign_place"
		for foreign_name in "$R"/packages/*; do
			set -- "$@" "$foreign_name/$foreign_place"
		done
		foreign_overlay "$@" || return
	done
	mount --bind "$R/run" /run && ip link set lo up
}

foreign_begin() {
	foreign_script=$1
	shift
	if [ -n "${FOREIGN_INSIDE-}" ]; then
		foreign_inside "$@" >&2 || skip_all "overlays cannot be mounted here"
		return
	fi
	[ "$(id -u)" -eq 0 ] || skip_all "needs root"
	need unshare ip
	unshare -mnpuf --propagation private --mount-proc true 2>/dev/null ||
		skip_all "namespaces cannot be made"
	# A mirror that does not answer for one would take all of the test's time for the others.
	for foreign_name; do
		dpkg-query -W -f '${Status}' "$foreign_name" 2>/dev/null | grep -q ' installed$' ||
			foreign_fetch "$foreign_name" || break
	done
	rm -rf "$T"
	# Exim stays in the foreground where its parent is process 1.
	FOREIGN_INSIDE=1 exec unshare -mnpuf --propagation private --mount-proc --kill-child \
	    sh -c 'sh "$0"; exit $?' "$foreign_script"
}

foreign_has() {
	[ -d "$R/packages/$1" ] ||
		dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q ' installed$'
}

foreign_account() {
	printf '%s:x:%s:%s::%s:%s\n' "$1" "$2" "$2" "$R/home/$1" "${3:-/bin/sh}" >>/etc/passwd
	printf '%s:x:%s:\n' "$1" "$2" >>/etc/group
	mkdir -p "$R/home/$1" && chown "$2:$2" "$R/home/$1"
}

foreign_until() {
	foreign_n=0
	while ! "$@" >/dev/null 2>&1; do
		foreign_n=$((foreign_n + 1))
		[ $foreign_n -lt 600 ] || return 1
		sleep 0.1
	done
}
