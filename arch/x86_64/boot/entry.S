// From the loader's 32-bit protected mode (paging off) to 64-bit code on identity-mapped tables.
//
// Two ways in: PVH (ebx = hvm_start_info) and multiboot2 (eax = magic, ebx = information). The image may lie at any
// 2 MiB boundary, so every address is taken relative to where the code finds itself. ht_early_boot then moves the
// kernel to its final addresses and says where to continue.
// Source: Xen's x86/HVM direct boot ABI; Multiboot2 specification 3.1-3.2; Intel SDM volume 3, 10.8.5.
#include "arch/x86_64/cpu/asm.h"

  .section .text.boot, "ax", @progbits
  .code32
  .globl ht_boot_base, ht_pvh_entry, ht_multiboot2_entry, ht_multiboot2_header
  .hidden ht_boot_base, ht_pvh_entry, ht_multiboot2_entry, ht_multiboot2_header
ht_boot_base:

  .balign 8
ht_multiboot2_header:
  .long 0xe85250d6, 0, multiboot2_header_end - ht_multiboot2_header
  .long -(0xe85250d6 + 0 + (multiboot2_header_end - ht_multiboot2_header))
  // Information request, optional: command line, modules, memory map, EFI memory map, ACPI RSDP (old, new).
  .short 1, 1
  .long 8 + 6 * 4
  .long 1, 3, 6, 17, 14, 15
  // Addresses: GRUB takes only non-relocatable ELF files, so it reads the file as a flat image instead.
  .short 2, 0
  .long 24, ht_multiboot2_header_physical, ht_load_begin_physical, ht_load_end_physical, ht_image_end_physical
  // Entry address.
  .short 3, 0
  .long 12, ht_multiboot2_entry_physical
  .balign 8
  // Modules page-aligned.
  .short 6, 0
  .long 8
  // Relocatable: lowest multiple of 2 MiB in [2 MiB, 1 GiB).
  .short 10, 0
  .long 24, 0x200000, 0x3fffffff, 0x200000, 1
  .short 0, 0
  .long 8
multiboot2_header_end:

ht_multiboot2_entry:
  movl $2, %edi
  jmp 1f
ht_pvh_entry:
  movl $1, %edi
1:
  cli
  cld
  movl %ebx, %esi
  // No stack yet: the first word of the loader's structure serves for one return address, then gets its value back.
  movl (%ebx), %eax
  leal 4(%ebx), %esp
  call 2f
2:
  popl %ebp
  movl %eax, (%ebx)
  subl $(2b - ht_boot_base), %ebp  // ebp = physical address of the image
  leal (ht_boot_stack_top - ht_boot_base)(%ebp), %esp

  movl $0x80000001, %eax
  cpuid
  andl $((1 << 29) | (1 << 20)), %edx  // long mode, no-execute pages
  cmpl $((1 << 29) | (1 << 20)), %edx
  jne no_long_mode

  // Early tables: the first 4 GiB, identity-mapped by 2 MiB pages (page 0: top level, 1: its first table, 2-5: leaves).
  leal (ht_early_tables - ht_boot_base)(%ebp), %eax
  movl %eax, %cr3
  leal 0x1003(%eax), %edx
  movl %edx, (%eax)
  leal 0x2003(%eax), %edx
  leal 0x2000(%eax), %ecx  // first leaf table, for the loop below
  addl $0x1000, %eax
  movl %edx, (%eax)
  addl $0x1000, %edx
  movl %edx, 8(%eax)
  addl $0x1000, %edx
  movl %edx, 16(%eax)
  addl $0x1000, %edx
  movl %edx, 24(%eax)
  movl $0x83, %edx
  leal 0x4000(%ecx), %eax
3:
  movl %edx, (%ecx)
  addl $0x200000, %edx
  addl $8, %ecx
  cmpl %eax, %ecx
  jb 3b

  movl $(CR4_PAE | CR4_PGE), %eax
  movl %eax, %cr4
  movl $MSR_EFER, %ecx
  rdmsr
  orl $(EFER_LME | EFER_SCE | EFER_NXE), %eax
  wrmsr
  movl $(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
  movl %eax, %cr0

  // 64-bit code needs a 64-bit code segment; the real GDT comes later.
  leal (boot_gdt - ht_boot_base)(%ebp), %eax
  movl %eax, (boot_gdt_pointer + 2 - ht_boot_base)(%ebp)
  lgdt (boot_gdt_pointer - ht_boot_base)(%ebp)
  pushl $KERNEL_CS
  leal (long_mode - ht_boot_base)(%ebp), %eax
  pushl %eax
  lretl

no_long_mode:
  leal (no_long_mode_text - ht_boot_base)(%ebp), %esi
  movw $0x3f8, %dx
5:
  lodsb
  testb %al, %al
  jz 6f
  outb %al, %dx
  jmp 5b
6:
  hlt
  jmp 6b
no_long_mode_text:
  .asciz "hardtack: this CPU has no 64-bit mode with no-execute pages\r\n"

  .code64
long_mode:
  xorl %eax, %eax
  movl %eax, %ds
  movl %eax, %es
  movl %eax, %ss
  movl %eax, %fs
  movl %eax, %gs
  leaq ht_boot_stack_top(%rip), %rsp
  xorl %ebp, %ebp
  movl %edi, %edi
  movl %esi, %esi
  call ht_early_boot  // rax -> EarlyResult
  movq 0(%rax), %rcx
  movq 8(%rax), %rdx
  movq 16(%rax), %rsp
  movq %rcx, %cr3
  pushq $0
  jmp *%rdx

  .balign 8
boot_gdt:
  .quad 0, 0
  .quad 0x00af9b000000ffff  // KERNEL_CS
boot_gdt_end:
boot_gdt_pointer:
  .short boot_gdt_end - boot_gdt - 1
  .long 0

  .section .boot_stack, "aw", @nobits
  .balign 16
  .skip 16384
  .globl ht_boot_stack_top
  .hidden ht_boot_stack_top
ht_boot_stack_top:

  .section .early_tables, "aw", @nobits
  .balign 4096
  .globl ht_early_tables
  .hidden ht_early_tables
ht_early_tables:
  .skip 6 * 4096
