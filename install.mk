# Installs bgpd on a node, or with DESTDIR into the tree of a package; docs/install.md says more.
#   make install [DESTDIR=/tmp/tree] [PREFIX=/usr] [EXTRAS=kubernetes]
#   make deb [EXTRAS=kubernetes]

DESTDIR ?=
PREFIX  ?= /usr
EXTRAS  ?=

HOME_DIR := $(PREFIX)/lib/bgpd
UNIT_DIR := $(PREFIX)/lib/systemd/system
MAN_DIR  := $(PREFIX)/share/man
SHELLS   := bash:share/bash-completion/completions/bgpctl \
            zsh:share/zsh/vendor-completions/_bgpctl \
            fish:share/fish/vendor_completions.d/bgpctl.fish
MANUALS  := docs/_build/man/bgpd.8 docs/_build/man/bgpctl.1

.PHONY: install uninstall deb

install: $(MANUALS) ## bgpd as a service: programs, unit, user, manuals, completion; DESTDIR, PREFIX, EXTRAS
	rm -rf "$(DESTDIR)$(HOME_DIR)"
	$(PYTHON) -m venv --without-pip "$(DESTDIR)$(HOME_DIR)"
	$(BIN)/pip --quiet --disable-pip-version-check --python "$(DESTDIR)$(HOME_DIR)/bin/python" \
	  install --no-compile '.$(EXTRAS:%=[%])'
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/sbin"
	ln -sf ../lib/bgpd/bin/bgpctl "$(DESTDIR)$(PREFIX)/bin/bgpctl"
	ln -sf ../lib/bgpd/bin/bgpd "$(DESTDIR)$(PREFIX)/sbin/bgpd"
	install -d "$(DESTDIR)$(UNIT_DIR)"
	sed 's|/usr/lib/bgpd|$(HOME_DIR)|' systemd/bgpd.service >"$(DESTDIR)$(UNIT_DIR)/bgpd.service"
	install -D -m 644 systemd/sysusers.conf "$(DESTDIR)$(PREFIX)/lib/sysusers.d/bgpd.conf"
	install -D -m 644 systemd/tmpfiles.conf "$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/bgpd.conf"
	install -D -m 644 systemd/drop-in.conf "$(DESTDIR)$(PREFIX)/share/doc/bgpd/examples/drop-in.conf"
	install -D -m 644 docs/_build/man/bgpd.8 "$(DESTDIR)$(MAN_DIR)/man8/bgpd.8"
	install -D -m 644 docs/_build/man/bgpctl.1 "$(DESTDIR)$(MAN_DIR)/man1/bgpctl.1"
	@set -e; for pair in $(SHELLS); do \
	  file="$(DESTDIR)$(PREFIX)/$${pair#*:}"; \
	  install -d "$$(dirname "$$file")"; \
	  "$(DESTDIR)$(HOME_DIR)/bin/bgpctl" completion "$${pair%%:*}" >"$$file"; \
	done
	@# A virtual environment names its place in its scripts; from here on it is the place without DESTDIR.
	@test -z "$(DESTDIR)" || grep -rlI "$(DESTDIR)$(HOME_DIR)" "$(DESTDIR)$(HOME_DIR)" | \
	  xargs sed -i 's|$(DESTDIR)$(HOME_DIR)|$(HOME_DIR)|g'
	"$(DESTDIR)$(HOME_DIR)/bin/python" -m compileall -f -q -s "$(DESTDIR)" "$(DESTDIR)$(HOME_DIR)/lib"
	@test -n "$(DESTDIR)" || ! command -v systemctl >/dev/null || \
	  { systemd-sysusers && systemd-tmpfiles --create && { systemctl daemon-reload || true; }; }

uninstall: ## remove what install has installed; resources, state and the user stay
	rm -rf "$(DESTDIR)$(HOME_DIR)" "$(DESTDIR)$(PREFIX)/share/doc/bgpd"
	rm -f "$(DESTDIR)$(PREFIX)/bin/bgpctl" "$(DESTDIR)$(PREFIX)/sbin/bgpd" "$(DESTDIR)$(UNIT_DIR)/bgpd.service" \
	  "$(DESTDIR)$(PREFIX)/lib/sysusers.d/bgpd.conf" "$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/bgpd.conf" \
	  "$(DESTDIR)$(MAN_DIR)/man8/bgpd.8" "$(DESTDIR)$(MAN_DIR)/man1/bgpctl.1" \
	  $(foreach pair,$(SHELLS),"$(DESTDIR)$(PREFIX)/$(lastword $(subst :, ,$(pair)))")

deb: ## a Debian package for this machine's Python and architecture, dist/bgpd_*.deb; EXTRAS
	rm -rf build/deb
	@$(MAKE) --no-print-directory install DESTDIR="$(CURDIR)/build/deb" PREFIX=/usr PYTHON=/usr/bin/python3
	deploy/debian/build build/deb dist
