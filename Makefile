# bivalve: a local mail delivery agent.  GNU make.  What a person wants:
#
#   make            build everything into build/$(MODE)
#   make run        install what is missing, build, and show the main job on real-looking messages
#   make check      all tests: lints, unit tests, tests/*/*.t; what was left out is named
#   make lint       the lints alone; make unit: the unit tests alone
#   make bench      tables of figures, never an error
#   make install    into $(DESTDIR)$(PREFIX); make uninstall takes the same files away
#   make deps       the Debian packages that are missing; as root, installs them
#   make tidy       slow static analysis; make valgrind: memcheck; make coverage: lines reached
#
#   CC=clang        any C11 compiler                SAN=address,undefined   sanitizers, objects apart
#   V=1             show the commands               B=DIR                   objects somewhere else

PREFIX     ?= /usr
SYSCONFDIR ?= /etc
BINDIR      = $(PREFIX)/bin
SBINDIR     = $(PREFIX)/sbin
LIBEXECDIR  = $(PREFIX)/libexec/bivalve
DATADIR     = $(PREFIX)/share/bivalve
BASHDIR    ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR     ?= $(PREFIX)/share/zsh/site-functions
MANDIR      = $(PREFIX)/share/man
STATEDIR    = /var/lib/bivalve
# sendmail's m4 files: Debian's and FreeBSD's place, and Red Hat's.
CFDIR      ?= $(firstword $(wildcard $(PREFIX)/share/sendmail/cf $(PREFIX)/share/sendmail-cf \
              /usr/share/sendmail/cf /usr/share/sendmail-cf) $(PREFIX)/share/sendmail/cf)
# Where the system's smrsh looks: Debian's, sendmail's own, FreeBSD's.
SMRSHDIR   ?= $(firstword $(wildcard /etc/mail/smrsh /usr/adm/sm.bin /usr/libexec/sm.bin) \
              /etc/mail/smrsh)

VERSION    := 0.1.0
CC         ?= cc
CFLAGS     ?= -g
SAN        ?=
COV        ?=
comma      := ,
MODE       := $(notdir $(lastword $(CC)))$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(COV),-coverage)
B          := build/$(MODE)

# Debian packages.  Without the first two lists nothing is built, or checked; what of the third is
# not there only makes some tests be left out.
DEPS_BUILD := $(if $(filter clang%,$(notdir $(CC))),clang $(if $(SAN)$(COV),libclang-rt-14-dev) \
              $(if $(COV),llvm),gcc) \
              libc6-dev pkg-config libgmime-3.0-dev libxml2-dev libclamav-dev libseccomp-dev \
              libdb5.3-dev libc-ares-dev libidn2-dev libcdb-dev
DEPS_CHECK := libcmocka-dev
DEPS_TOOLS := binutils shellcheck mandoc universal-ctags git python3 procmail procmail-lib \
              clamav-testfiles db-util m4 rbldnsd iproute2 strace zsh

WARN       := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
              -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Wformat=2
# Coverage by clang: its counters are the file itself, mapped, so that a process that is killed, that
# leaves with _exit, or that a sandbox keeps from opening files has counted, too.
COUNT      := -fprofile-instr-generate=$(abspath $(B))/counters/%m%c.profraw -fcoverage-mapping
OPT        := $(if $(COV),-O1 $(COUNT) -mllvm -runtime-counter-relocation,$(if $(SAN),-O1 \
              -fno-omit-frame-pointer -fno-sanitize-recover=all,-O2 -U_FORTIFY_SOURCE \
              -D_FORTIFY_SOURCE=2)) $(if $(SAN),-fsanitize=$(SAN))
CPPFLAGS   := -Isrc -D_GNU_SOURCE -include base/banned.h -DVERSION='"$(VERSION)"' \
              -DSYSCONFDIR='"$(SYSCONFDIR)"' -DLIBEXECDIR='"$(LIBEXECDIR)"' \
              -DDATADIR='"$(DATADIR)"' -DSTATEDIR='"$(STATEDIR)"'
ALLFLAGS   := -std=c11 $(CFLAGS) $(OPT) $(WARN) -fstack-protector-strong -fPIE -pthread
LDFLAGS    := -pie -Wl,-z,relro -Wl,-z,now -Wl,--as-needed $(if $(COV),$(COUNT)) \
              $(if $(SAN),-fsanitize=$(SAN))

# Foreign libraries, each behind one directory of src/ (src/LAYERS): flags_DIR and libs_DIR.
flags_mime := $(shell pkg-config --cflags gmime-3.0 libxml-2.0 2>/dev/null)
libs_mime  := $(shell pkg-config --libs gmime-3.0 libxml-2.0 2>/dev/null)
flags_scan := $(shell pkg-config --cflags libclamav 2>/dev/null)
libs_scan  := $(shell pkg-config --libs libclamav 2>/dev/null)
libs_list  := -ldb -lcdb -lcares -lidn2
libs_proc  := -lseccomp

# $(call sources,DIRS), $(call objects,SOURCES), $(call libs,DIRS)
sources = $(foreach d,$(1),$(sort $(wildcard src/$(d)/*.c)))
objects = $(patsubst %.c,$(B)/%.o,$(patsubst src/%,%,$(1)))
libs    = $(foreach d,$(1),$(libs_$(d)))

# What each program is made of.  The delivery agent and the tools link libc alone: the scanner's
# libraries cost milliseconds at every start, and read what strangers sent.
DELIVERY := base core recipe mail act $(if $(wildcard src/formail),formail) flow
SCANNING := $(patsubst %,src/proc/%.c,sandbox pool seat suspect)
MASTER   := $(patsubst %,src/proc/%.c,engines expiry listen master notify scratch spares status)
AGENT    := $(call sources,$(DELIVERY) lmtp) $(filter-out $(SCANNING) $(MASTER),$(call sources,proc))
sources_bivalve      := $(AGENT) $(filter-out src/entry/scanner% src/entry/lookup% \
                        src/entry/bivalved.c,$(call sources,entry))
sources_bivalved     := $(AGENT) $(MASTER) src/entry/bivalved.c
sources_bivalve-scan := $(call sources,base core mime scan) $(SCANNING) \
                        src/proc/poolstat.c $(wildcard src/entry/scanner*.c)
sources_bivalve-lookup := $(call sources,base core list) $(wildcard src/proc/sandbox.c \
                        src/entry/lookup*.c)
sources_bivalvectl   := $(AGENT) $(wildcard src/tools/ctl*.c)
libs_bivalve-scan    := $(call libs,mime scan proc)
libs_bivalve-lookup  := $(call libs,list proc)
# A sanitizer's settings are compiled in, so that they hold with an empty environment, too.
RUNTIME  := $(if $(SAN),$(B)/tests/lib/sanitizer.o)

PROGRAMS := $(if $(wildcard src/entry/main.c),bivalve) $(if $(wildcard src/entry/scanner.c),bivalve-scan) \
            $(if $(wildcard src/entry/lookup_main.c),bivalve-lookup) \
            $(if $(wildcard src/entry/bivalved.c),bivalved) \
            $(if $(wildcard src/tools/ctl.c),bivalvectl)

# A unit test links the layer that its first line names, and those below: "/* layer: recipe */".
layer_base    := base
layer_core    := base core
layer_recipe  := base core recipe
layer_mail    := base core mail
layer_act     := base core act
layer_mime    := base core mime
layer_scan    := base core scan
layer_formail := base core formail
layer_list    := base core list
layer_lmtp    := base core lmtp
layer_flow    := $(DELIVERY)
layer_proc    := $(DELIVERY) lmtp proc
TESTS    := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test-*.c)))
UNIT     := $(TESTS:%=$(B)/unit/%)
LAYER_OF := $(if $(TESTS),$(shell awk 'FNR == 1 && $$2 == "layer:" { print FILENAME ":" $$3 }' \
            $(TESTS:%=tests/unit/%.c)))
layer     = $(patsubst tests/unit/$(1).c:%,%,$(filter tests/unit/$(1).c:%,$(LAYER_OF)))

# Without V=1 a command shows as its kind and its result.
show = $(if $(V),,@printf '  %-8s%s\n' $(1) $@;)

# What shells know of bivalvectl's commands, from its own tables.
COMPLETION := $(B)/completion/bivalvectl $(B)/completion/_bivalvectl

all: $(PROGRAMS:%=$(B)/%) $(COMPLETION) compile_commands.json

define program_rule
$(B)/$(1): $(call objects,$(sources_$(1))) $(RUNTIME)
	$$(call show,LINK) $$(CC) $$(LDFLAGS) -o $$@ $$^ $(libs_$(1))
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(p))))

$(B)/completion/bivalvectl: shell_of = bash
$(B)/completion/_bivalvectl: shell_of = zsh
$(COMPLETION): $(B)/bivalvectl
	@mkdir -p $(@D)
	$(call show,MAKE) $(B)/bivalvectl completion $(shell_of) >$@

define unit_rule
$(B)/unit/$(1): $(B)/tests/unit/$(1).o $(call objects,$(call sources,$(layer_$(2)))) $(RUNTIME)
	@mkdir -p $$(@D)
	$$(call show,LINK) $$(CC) $$(LDFLAGS) -o $$@ $$^ -lcmocka $(call libs,$(layer_$(2)))
endef
$(foreach t,$(TESTS),$(eval $(call unit_rule,$(t),$(call layer,$(t)))))

COMPILE = $(CC) $(CPPFLAGS) $(ALLFLAGS)

$(B)/%.o: src/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call show,CC) $(COMPILE) $(flags_$(*D)) -MMD -MP -c -o $@ $<

$(B)/tests/%.o: tests/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call show,CC) $(COMPILE) $(defines) -MMD -MP -c -o $@ $<

$(B)/tests/lib/sanitizer.o: defines = -DSAN_LOG='"$(abspath $(B))/sanitizer/report"' \
    -DSAN_LEAKS='"$(if $(findstring address,$(SAN)),$(shell sh tests/lib/leaks.sh '$(CC)'),0)"'

# Changes when the command line does: objects of other flags are made again.
$(B)/flags: export TEXT = $(COMPILE) $(flags_mime) $(flags_scan)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$TEXT" | cmp -s - $@ || printf '%s\n' "$$TEXT" >$@

C_FILES := $(call sources,*) $(wildcard tests/*/*.c)
-include $(wildcard $(patsubst %.o,%.d,$(call objects,$(C_FILES))))

compile_commands.json: export TEXT = $(COMPILE) $(flags_mime) $(flags_scan)
compile_commands.json: $(B)/flags $(C_FILES)
	@sh tests/lint/compile-commands.sh $@ $(C_FILES)

# ---- tests ----

# For the scripts: where the programs are, and how to compile.
test_env = B='$(B)' CC='$(CC)' SAN='$(SAN)' COMPILE="$$TEXT"
LINTS   := $(sort $(wildcard tests/lint/lint-*.sh)) $(wildcard tests/lint/selftest.t)
MEMCHECKED := tests/e2e/exec.t tests/recipes/default.t
SCRIPTS := $(filter-out tests/lint/%,$(sort $(wildcard tests/*/*.t)))

# What needs packages runs in a make of its own: flags are asked for when they are there.
run: need-build
	@$(MAKE) run-installed

check: need-check
	@$(MAKE) check-installed

run-installed: all
	@$(test_env) tests/demo/run

check-installed: all $(UNIT)
	@$(test_env) tests/run $(SCRIPTS) $(if $(SAN),,$(LINTS)) $(UNIT)

lint: all $(call objects,$(call sources,*))
	@$(test_env) tests/run $(LINTS)

unit: $(UNIT)
	@$(test_env) tests/run $(UNIT)

bench: need-check
	@$(MAKE) bench-installed

bench-installed: all
	@for t in tests/bench/*.sh; do $(test_env) sh "$$t" || echo "$$t: no figures"; done

tidy:
	@$(test_env) sh tests/lint/tidy.sh $(C_FILES)

# With clang and llvm, whatever CC is.
coverage:
	@$(MAKE) CC=clang COV=1 need-check
	@$(MAKE) CC=clang COV=1 coverage-count

coverage-count: all $(UNIT)
	@sh tests/lib/coverage.sh begin $(B) $(PROGRAMS)
	@-$(test_env) tests/run -t 900 $(UNIT) $(SCRIPTS)
	@sh tests/lib/coverage.sh show $(B) $(PROGRAMS)

# memcheck over the unit tests and some whole deliveries; minutes.
valgrind: all $(UNIT)
	@$(test_env) sh tests/lib/valgrind.sh $(B) $(UNIT) $(MEMCHECKED)

run-installed check-installed bench-installed lint unit tidy valgrind coverage-count: export TEXT = $(COMPILE) $(flags_mime) $(flags_scan)

deps:
	@sh tests/lib/deps.sh $(DEPS_BUILD) $(DEPS_CHECK) $(DEPS_TOOLS)
need-build:
	@sh tests/lib/deps.sh $(DEPS_BUILD)
need-check:
	@sh tests/lib/deps.sh $(DEPS_BUILD) $(DEPS_CHECK) -- $(DEPS_TOOLS)

# ---- installation ----

# One line a directory: mode, owner:group (when root installs), directory, files.
define INSTALLED
0755 root:root $(BINDIR) $(filter-out %-scan %-lookup %d,$(PROGRAMS:%=$(B)/%))
0755 root:root $(SBINDIR) $(filter %d,$(PROGRAMS:%=$(B)/%))
0755 root:root $(LIBEXECDIR) $(filter %-scan %-lookup,$(PROGRAMS:%=$(B)/%))
0644 root:root $(MANDIR)/man1 $(wildcard doc/*.1)
0644 root:root $(MANDIR)/man5 $(wildcard doc/*.5)
0644 root:root $(MANDIR)/man7 $(wildcard doc/*.7)
0644 root:root $(MANDIR)/man8 $(wildcard doc/*.8)
0755 root:root $(DATADIR)/init $(wildcard recipes/init/*)
0644 root:root $(DATADIR)/recipes $(filter-out recipes/signatures recipes/sendmail recipes/systemd recipes/init,$(wildcard recipes/*))
0644 root:root $(DATADIR)/signatures $(wildcard recipes/signatures/*)
0644 root:root $(DATADIR)/sendmail $(filter-out %.m4,$(wildcard recipes/sendmail/*))
0644 root:root $(CFDIR)/feature $(wildcard recipes/sendmail/*.m4)
0644 root:root $(BASHDIR) $(B)/completion/bivalvectl
0644 root:root $(ZSHDIR) $(B)/completion/_bivalvectl
0644 root:root $(PREFIX)/lib/systemd/system $(wildcard recipes/systemd/*)
endef
export INSTALLED

install: all
	@printf '%s\n' "$$INSTALLED" | DESTDIR='$(DESTDIR)' BINDIR='$(BINDIR)' SBINDIR='$(SBINDIR)' \
	    sh tests/lib/install.sh install

# Users may then write "|bivalve" into ~/.forward; set "programs" in bivalve.conf first.
install-smrsh:
	install -d '$(DESTDIR)$(SMRSHDIR)'
	ln -sf '$(BINDIR)/bivalve' '$(DESTDIR)$(SMRSHDIR)/bivalve'

uninstall:
	@printf '%s\n' "$$INSTALLED" | DESTDIR='$(DESTDIR)' sh tests/lib/install.sh uninstall

# Debian packages in build/deb; needs debhelper.
deb:
	@VERSION='$(VERSION)' sh doc/packaging/make-deb

# The packages on a bare system: as root, with mmdebstrap and the network, some minutes.
check-deb: all
	@$(test_env) DEB=1 tests/run -t 1500 tests/packaging/deb.t

clean:
	rm -rf build compile_commands.json

.PHONY: all run check lint unit bench tidy valgrind coverage coverage-count deps need-build need-check
.PHONY: run-installed check-installed bench-installed
.PHONY: deb check-deb install install-smrsh uninstall clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += -r --no-print-directory
