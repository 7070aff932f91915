# The variables that a person may set on the command line; anything else there is a mistake worth a message.
KNOWN_VARIABLES := BUILD V CMD APP SMP MEM TRACE BOOT TIMEOUT LINUX KARGS FILTER TIER ROWS SAN
given := $(foreach v,$(.VARIABLES),$(if $(filter command line,$(origin $(v))),$(v)))
unknown := $(filter-out $(KNOWN_VARIABLES) MAKEFLAGS,$(given))
ifneq ($(unknown),)
$(error unknown variable '$(firstword $(unknown))'; known: $(KNOWN_VARIABLES) (see make help))
endif
ifeq ($(filter $(BUILD),release debug kasan),)
$(error BUILD=$(BUILD) is not a flavour; choose release, debug or kasan)
endif
ifneq ($(APP),)
ifeq ($(wildcard $(APP)),)
$(error APP=$(APP): no such file)
endif
endif
