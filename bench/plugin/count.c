/// Counts guest instructions in regions that the guest marks, and profiles them block by block.
///
/// The guest marks with a seven-byte no-op, `nopl MARK(%rax)`, which it can execute at any privilege.
/// Arguments   out=FILE (one line per region: "region INDEX USER KERNEL"; "ready USER KERNEL" at the
///             first READY mark), profile=FILE (per block: "ADDRESS INSTRUCTIONS EXECUTIONS", summed
///             over all regions, written at the DONE mark), boot=on (the profile covers power-on to the
///             READY mark instead of the regions).
/// Invariants  exact with one vCPU only: the counters are plain memory.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "blocks.h"
#include "qemu_plugin_abi.h"

PLUGIN_EXPORT int qemu_plugin_version = 1;

enum { MARK_BEGIN = 0x48540001, MARK_END, MARK_READY, MARK_DONE, MARK_LAST = MARK_DONE };

static uint64_t executed[2];  // [0] user, [1] kernel: indexed by the top address bit
static uint64_t at_begin[2];
static unsigned regions;
static bool profiling, profiling_boot, seen_ready;
static FILE* out;
static const char* profile_path;

static void on_mark(unsigned vcpu, void* data) {
  (void)vcpu;
  switch ((int)(intptr_t)data) {
    case MARK_BEGIN:
      memcpy(at_begin, executed, sizeof executed);
      if (profiling && !profiling_boot) blocks_begin();
      break;
    case MARK_END:
      if (profiling && !profiling_boot) blocks_end();
      fprintf(out, "region %u %lu %lu\n", regions++, executed[0] - at_begin[0], executed[1] - at_begin[1]);
      break;
    case MARK_READY:
      if (!seen_ready) fprintf(out, "ready %lu %lu\n", executed[0], executed[1]);
      if (!seen_ready && profiling_boot) blocks_end();
      seen_ready = true;
      break;
    case MARK_DONE:
      if (profiling) blocks_write(profile_path);
      fprintf(out, "done\n");
      break;
  }
  fflush(out);
}

/// The mark encoded by an instruction, or 0.
static uint32_t mark_of(const struct qemu_plugin_insn* insn) {
  static const uint8_t nopl_disp32_rax[] = {0x0f, 0x1f, 0x80};
  if (qemu_plugin_insn_size(insn) != 7) return 0;
  const uint8_t* bytes = qemu_plugin_insn_data(insn);
  if (memcmp(bytes, nopl_disp32_rax, sizeof nopl_disp32_rax) != 0) return 0;
  uint32_t mark;
  memcpy(&mark, bytes + sizeof nopl_disp32_rax, sizeof mark);
  return mark >= MARK_BEGIN && mark <= MARK_LAST ? mark : 0;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  const uint64_t address = qemu_plugin_tb_vaddr(tb);
  const size_t length = qemu_plugin_tb_n_insns(tb);
  qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &executed[address >> 63], length);
  if (profiling) {
    struct block* block = block_for(address, length);
    if (block) qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &block->executed, 1);
  }
  for (size_t i = 0; i < length; i++) {
    struct qemu_plugin_insn* insn = qemu_plugin_tb_get_insn(tb, i);
    const uint32_t mark = mark_of(insn);
    if (mark) qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, QEMU_PLUGIN_CB_NO_REGS, (void*)(intptr_t)mark);
  }
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "out=", 4) == 0) out = fopen(argv[i] + 4, "w");
    if (strcmp(argv[i], "boot=on") == 0) profiling_boot = true;
    if (strncmp(argv[i], "profile=", 8) == 0) profile_path = argv[i] + 8;
  }
  if (!out) return fprintf(stderr, "count: out=FILE is missing or cannot be written\n"), 1;
  profiling = profile_path != NULL;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  return 0;
}
