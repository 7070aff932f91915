# Sanitizer runtime and what touches freed memory on purpose.
ifeq ($(BUILD),kasan)
FLAGS_mm/phys/kasan.cc += -fno-sanitize=kernel-address
FLAGS_mm/phys/slab.cc += -fno-sanitize=kernel-address
FLAGS_mm/phys/page_alloc.cc += -fno-sanitize=kernel-address
FLAGS_mm/phys/buddy.cc += -fno-sanitize=kernel-address
endif
