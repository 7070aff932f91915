// Where a secondary CPU wakes up: real mode, in a page below 1 MiB to which this code is copied. The page after it holds what
// smp/start.cc passes (struct TrampolineArguments); code and data stay on different pages.
// Source: Intel SDM volume 3, 9.4.4 (start-up IPI), 10.8.5 (entering 64-bit mode).
#include "arch/x86_64/cpu/asm.h"

#define ARGUMENTS 0x1000

  .section .rodata, "a", @progbits
  .globl ht_trampoline_begin, ht_trampoline_end
  .hidden ht_trampoline_begin, ht_trampoline_end
  .balign 16
  .code16
ht_trampoline_begin:
  cli
  cld
  movw %cs, %ax
  movw %ax, %ds
  xorl %ebx, %ebx
  movw %ax, %bx
  shll $4, %ebx  // physical address of this page
  lgdtl ARGUMENTS + 0
  movl $(CR0_PE | CR0_ET), %eax
  movl %eax, %cr0
  ljmpl *(ARGUMENTS + 8)

  .globl ht_trampoline_protected
  .hidden ht_trampoline_protected
  .code32
ht_trampoline_protected:
  movw $KERNEL_DS, %ax
  movw %ax, %ds
  movw %ax, %ss
  movl $(CR4_PAE | CR4_PGE), %eax
  movl %eax, %cr4
  movl (ARGUMENTS + 24)(%ebx), %eax
  movl %eax, %cr3
  movl $MSR_EFER, %ecx
  rdmsr
  orl $(EFER_LME | EFER_SCE | EFER_NXE), %eax
  wrmsr
  movl $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
  movl %eax, %cr0
  ljmpl *(ARGUMENTS + 16)(%ebx)

  .globl ht_trampoline_long
  .hidden ht_trampoline_long
  .code64
ht_trampoline_long:
  movl %ebx, %ebx
  movq (ARGUMENTS + 32)(%rbx), %rsp
  movq (ARGUMENTS + 40)(%rbx), %rdi
  movq (ARGUMENTS + 48)(%rbx), %rax
  xorl %ebp, %ebp
  pushq $0
  jmp *%rax
ht_trampoline_end:
