#!/bin/sh
# scratch.t: bivalved's scanners have a file system in memory of their own.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip_all 'only root can mount'
unshare -m true 2>/dev/null || skip_all 'no mount namespaces here'

printf 'From: a@example.org\nSubject: clean\n\nhello\n' >"$T/message"

# What the engine sees there.
mounts() {
	grep -c "^bivalve $T/tmp tmpfs " "/proc/$(pids engine)/mounts"
}

resident_conf 'temp_memory = 300'
ok 'bivalved serves' resident_start
is "$(mounts)" 1 'its engine has a tmpfs over temp_dir'
like "$(grep "^bivalve $T/tmp " "/proc/$(pids engine)/mounts")" \
    'nosuid,nodev,noexec.*size=307200k,mode=700' 'which runs nothing, and has an end'
is "$(grep -c "^bivalve $T/tmp tmpfs " /proc/self/mounts)" 0 'that nobody else sees'
is "$(find "$T/tmp" -mindepth 1 | wc -l)" 0 'in temp_dir there is nothing, with scanners waiting'
not_ok 'though they have their directories' test -z "$(ls "/proc/$(pids engine)/root$T/tmp")"
status 0 'a message is scanned and delivered' deliver "$T/message"
resident_stop
is "$?" 0 'an end in order'

resident_conf 'temp_memory = 1'
ok 'with too little of it bivalved serves' resident_start
status 75 'and defers what it cannot unpack' deliver "$T/message"
ok 'for its verdict is an error, the second time as well' resident_is error 2
resident_stop

resident_conf 'temp_memory = 0'
ok 'without, bivalved serves' resident_start
is "$(mounts)" 0 'nothing is mounted'
not_ok 'scanners have their directories in temp_dir' test -z "$(ls "$T/tmp")"
status 0 'a message is scanned and delivered' deliver "$T/message"
resident_stop

mkdir "$T/tmp/signatures"
cp "$TOP"/recipes/signatures/*.?db "$T/tmp/signatures/"
resident_conf "database = $T/tmp/signatures"
ok 'with signatures below temp_dir bivalved serves' resident_start
is "$(mounts)" 0 'nothing is mounted over them'
status 0 'a message is scanned and delivered' deliver "$T/message"
resident_stop
done_testing
