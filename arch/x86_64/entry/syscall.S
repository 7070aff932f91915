// SYSCALL in, SYSRET (or IRET) out, and the common way back to user mode.
//
// SYSRET reloads rip from rcx and flags from r11, so it serves when the frame's copies agree; code that changes a frame
// (signals, exec) makes them differ and goes out by IRET. rip is below kUserEnd in every frame (push_signal_frame,
// pop_signal_frame, fresh_user_regs), so neither instruction can fault.
// Source: Intel SDM volume 2, SYSCALL, SYSRET, IRET; System V ABI A.2.1.
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/entry/frame.inc"

  .section .text.entry, "ax", @progbits
  .globl ht_syscall_entry, ht_return_to_user, ht_enter_user_mode
  .hidden ht_syscall_entry, ht_return_to_user, ht_enter_user_mode

  .balign 64
ht_syscall_entry:
  swapgs
  movq %rsp, %gs:CPU_USER_STACK_SCRATCH
  movq %gs:CPU_KERNEL_STACK_TOP, %rsp
  pushq $USER_DS
  pushq %gs:CPU_USER_STACK_SCRATCH
  pushq %r11
  pushq $USER_CS
  pushq %rcx
  pushq %rax
  pushq %rdi
  PUSH_REGISTERS_AFTER_RDI $-38  // -ENOSYS until a handler says otherwise
  movq %rsp, %rdi
  sti
  call ht_on_syscall

ht_return_to_user:
  cli
  movq %gs:CPU_CURRENT_THREAD, %rax
  cmpl $0, (%rax)
  jne work
restore:
  POP_REGISTERS
  cmpq %rcx, FRAME_RIP - FRAME_ORIG_RAX(%rsp)
  jne interrupt_return
  cmpq %r11, 24(%rsp)
  jne interrupt_return
  movq 32(%rsp), %rsp
  swapgs
  sysretq

interrupt_return:
  addq $8, %rsp
  swapgs
  iretq

work:
  movq %rsp, %rdi
  call ht_on_return_to_user
  jmp restore

// rdi: the frame, at the top of the current stack.
ht_enter_user_mode:
  movq %rdi, %rsp
  jmp ht_return_to_user
