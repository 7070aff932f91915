# One static program per folder.
USERSPACE := $(patsubst userspace/%/main.c,build/userspace/%,$(wildcard userspace/*/main.c))
MUSL_CC := musl-gcc -static -Os -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -s

define userspace_program
build/userspace/$(1): $(wildcard userspace/$(1)/*.c userspace/$(1)/*.h) userspace/rules.mk | build/deps/image.ok
	$$(call say,MUSL,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(MUSL_CC) -o $$@ $$(filter %.c,$$^)
endef
$(foreach program,$(notdir $(USERSPACE)),$(eval $(call userspace_program,$(program))))

.PHONY: userspace
userspace: $(USERSPACE)
