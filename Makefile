# What developers type. Each target is one command of dev/run; everything made lies below .odoo/.
#
#   make demo [DETACH=1] [RESET=1] [PORT=8069] [DB=name] [LEDGER=file.csv AS_OF=2026-01-31]
#   make test-odoo
#   make test [T=path | T=path::name | T="-k word"] [J=1 process instead of two]
#   make lint | get
#   make stop | clean [FORCE=1]
#   make db DB=name [RESET=1]
#   make ledger DB=name LEDGER=file.csv AS_OF=2026-01-31
#   make bench [SIZE=s|m|l]
#   make conformance CASES=file.csv
#   make translations
#
# ODOO_HOME and PGHOST, PGPORT, PGUSER, PGPASSWORD name an Odoo or a PostgreSQL server to use.

.PHONY: help get demo test test-odoo lint db ledger bench translations stop clean

help:
	@sed -n 's/^#   //p' Makefile

get lint translations test-odoo:
	@./dev/run $@

stop clean:
	@./dev/run $@ --force "$(FORCE)"

demo:
	@./dev/run demo --port "$(or $(PORT),8069)" --db "$(DB)" --reset "$(RESET)" \
		--detach "$(DETACH)" --ledger "$(LEDGER)" --as-of "$(AS_OF)"

test: export PART = $(T)
test:
	@./dev/run test --jobs "$(or $(J),0)" --part "$$PART"

db:
	@./dev/run db --db "$(DB)" --reset "$(RESET)"

ledger:
	@./dev/run ledger --db "$(DB)" --reset "$(RESET)" --ledger "$(LEDGER)" --as-of "$(AS_OF)"

bench:
	@./dev/run bench --size "$(or $(SIZE),s)"

conformance:
	@./dev/run conformance --cases "$(CASES)"
