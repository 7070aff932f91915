# Included last, when every rules.mk has added its own KNOWN_VARIABLES.
given := $(foreach v,$(.VARIABLES),$(if $(filter command line,$(origin $(v))),$(v)))
unknown := $(filter-out $(KNOWN_VARIABLES) MAKEFLAGS,$(given))
ifneq ($(unknown),)
$(error unknown variable '$(firstword $(unknown))'; known: $(KNOWN_VARIABLES) (see make help))
endif
