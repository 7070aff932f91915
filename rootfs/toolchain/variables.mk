# The variables that a person may set on the command line; anything else there is
# a mistake worth a message (check-variables.mk). A rules.mk may add its own.
KNOWN_VARIABLES := BUILD V CMD APP SMP MEM TRACE BOOT TIMEOUT LINUX KARGS FILTER TIER ROWS SAN SUITE
ifeq ($(filter $(BUILD),release debug kasan),)
$(error BUILD=$(BUILD) is not a flavour; choose release, debug or kasan)
endif
ifneq ($(APP),)
ifeq ($(wildcard $(APP)),)
$(error APP=$(APP): no such file)
endif
endif
