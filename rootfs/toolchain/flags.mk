# Compilers and flags. Paths are relative and the compilation directory is named '.', so that every checkout of
# the tree gives the same objects (and ccache shares them).
CCACHE := $(shell command -v ccache 2>/dev/null)
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
export CCACHE_SLOPPINESS := pch_defines,time_macros,include_file_mtime,include_file_ctime
export CCACHE_PCH_EXTSUM := 1
CXX := $(CCACHE) clang++-19
CC := $(CCACHE) clang-19
LD := ld.lld-19

OUT := build/$(BUILD)
HEADERS := build/headers
ZLIB := build/third_party/zlib

WARNINGS := -Wall -Wextra -Werror -Wthread-safety -Wshadow -Wvla -Wextra-semi -Wimplicit-fallthrough \
  -Wnon-virtual-dtor -Wno-missing-field-initializers -Wno-missing-designated-field-initializers

COMMON := -g -fno-strict-aliasing -fno-omit-frame-pointer -fdebug-compilation-dir=. \
  -ffunction-sections -fdata-sections -I. -Iarch/include

KERNEL_INCLUDES := -nostdlibinc -isystem $(HEADERS)/libc -isystem $(HEADERS)/uapi -isystem $(HEADERS)/boost \
  -isystem $(ZLIB)
KERNEL_CXX_INCLUDES := -nostdinc++ -isystem $(HEADERS)/c++ -isystem /usr/lib/llvm-19/include/c++/v1 $(KERNEL_INCLUDES)

# A self-relocating static PIE, so that KASLR can place it; every symbol is its own, so no GOT.
KERNEL_MACHINE := --target=x86_64-unknown-linux-gnu -ffreestanding -fPIE -fvisibility=hidden \
  -fdirect-access-external-data -mno-mmx -mno-sse -mno-avx -mno-red-zone -mstack-alignment=8 -fcf-protection=none \
  -fno-asynchronous-unwind-tables -fno-unwind-tables
GUARD := -fstack-protector-strong -mstack-protector-guard=tls -mstack-protector-guard-reg=gs \
  -mstack-protector-guard-offset=40
CXX_DIALECT := -std=c++23 -fno-exceptions -fno-rtti
KERNEL_CXX_DIALECT := $(CXX_DIALECT) -fno-threadsafe-statics -fno-c++-static-destructors
DEFINES := -Iarch/x86_64/include -DHT_KERNEL=1 -DBOOST_NO_EXCEPTIONS -DBOOST_EXCEPTION_DISABLE

FLAVOUR_release := -O2 -momit-leaf-frame-pointer -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST
FLAVOUR_debug := -O2 -DHT_DEBUG=1 -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE \
  -fsanitize=undefined -fsanitize-trap=undefined -fno-sanitize=function
FLAVOUR_kasan := -O2 -DHT_DEBUG=1 -DHT_KASAN=1 -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE \
  -fsanitize=kernel-address -mllvm -asan-instrumentation-with-call-threshold=0 -mllvm -asan-globals=0 \
  -mllvm -asan-stack=0 -mllvm -asan-kernel-mem-intrinsic-prefix=1

KERNEL_FLAGS := $(COMMON) $(KERNEL_MACHINE) $(GUARD) $(DEFINES) $(FLAVOUR_$(BUILD))
KERNEL_CXXFLAGS := $(KERNEL_FLAGS) $(KERNEL_CXX_DIALECT) $(WARNINGS) $(KERNEL_CXX_INCLUDES)
KERNEL_ASFLAGS := $(KERNEL_FLAGS) $(KERNEL_INCLUDES) -Wno-unused-command-line-argument
KERNEL_CFLAGS := $(KERNEL_FLAGS) $(KERNEL_INCLUDES) -std=gnu11 -w

KERNEL_LDFLAGS := -pie --no-dynamic-linker -z text -z max-page-size=4096 -z noexecstack -z norelro \
  --gc-sections --build-id=none --no-undefined -T arch/x86_64/kernel.ld

# A precompiled header holds absolute paths, so ccache is given the sum of what went in instead (CCACHE_PCH_EXTSUM).
# $(call precompile,HEADER,FLAGS,FLAGS_FILE): the recipe that makes $@ out of a copy of HEADER next to it.
PRECOMPILED := clang-19 libc++-19-dev musl-dev linux-libc-dev libboost-dev libgtest-dev libgmock-dev
define precompile
	$(Q)cp $(1) $(@:.pch=)
	$(Q)clang++-19 $(2) -Xclang -fno-pch-timestamp -x c++-header $(@:.pch=) -o $@
	$(Q){ cat $(1) $(3); dpkg-query -W $(PRECOMPILED) 2>/dev/null; } | sha256sum > $@.sum
endef
