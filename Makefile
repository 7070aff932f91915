# Hardtack's one Makefile. `make help` explains the targets and variables.
# Sources are found, not listed: adding a file needs no edit here. A folder's rules.mk holds its exceptions only.
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory -j$(shell nproc)
SHELL := /bin/sh

BUILD ?= release
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = @$(if $(filter 1,$(V)),:,printf '  %-6s %s\n' $(1) $(2))

include rootfs/toolchain/variables.mk
include rootfs/toolchain/flags.mk
include rootfs/toolchain/sources.mk
include rootfs/toolchain/headers.mk
include rootfs/toolchain/zlib.mk
include rootfs/toolchain/kernel.mk
include rootfs/toolchain/unit.mk
include rootfs/image.mk
include rootfs/targets.mk
include rootfs/toolchain/check-variables.mk
