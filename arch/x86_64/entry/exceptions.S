// Interrupt and exception entry: 256 stubs, 16 bytes each, then one path per kind.
//
// A stub saves rdi and carries its vector in edi. From user mode the frame lies at the top of the kernel stack (TSS.rsp0);
// from the kernel it is pushed on the running stack; NMI, double fault and machine check have stacks of their own and may come
// between SWAPGS and its use, so they load GS themselves from the word above their stack.
// Source: Intel SDM volume 3, chapter 6.
#include "arch/x86_64/cpu/asm.h"
#include "arch/x86_64/entry/frame.inc"

  .section .text.entry, "ax", @progbits
  .globl ht_vector_stubs
  .hidden ht_vector_stubs

.macro STUB vector
  .balign 16
  // 8, 10-14, 17, 21, 29, 30 push an error code themselves.
  .if !(\vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21 || \vector == 29 || \vector == 30)
    pushq $0
  .endif
  pushq %rdi
  movl $\vector, %edi
  .if \vector == 2 || \vector == 8 || \vector == 18
    jmp own_stack
  .elseif \vector == 14
    jmp page_fault
  .elseif \vector < 32
    jmp exception
  .else
    jmp interrupt
  .endif
.endm

  .balign 64
ht_vector_stubs:
  .set vector, 0
  .rept 256
    STUB vector
    .set vector, vector + 1
  .endr

// Entered with the error code and rdi pushed. Handlers take (vector, frame, error code).
.macro PATH name, user_handler, kernel_handler
  .balign 64
\name:
  testb $3, 24(%rsp)
  jz 1f
  swapgs
  PUSH_REGISTERS_AFTER_RDI
  cld
  CLAC
  movq %rsp, %rsi
  movq FRAME_ORIG_RAX(%rsp), %rdx
  movq $-1, FRAME_ORIG_RAX(%rsp)
  call \user_handler
  jmp ht_return_to_user
1:
  PUSH_REGISTERS_AFTER_RDI
  cld
  CLAC
  movq %rsp, %rsi
  movq FRAME_ORIG_RAX(%rsp), %rdx
  call \kernel_handler
  POP_REGISTERS
  addq $8, %rsp
  iretq
.endm

  PATH page_fault, ht_user_page_fault, ht_kernel_page_fault
  PATH exception, ht_user_exception, ht_kernel_exception
  PATH interrupt, ht_user_interrupt, ht_kernel_interrupt

own_stack:
  PUSH_REGISTERS_AFTER_RDI
  cld
  CLAC
  movl %edi, %ebp
  movl $MSR_GS_BASE, %ecx
  rdmsr
  movl %eax, %r12d
  movl %edx, %r13d
  movl 168(%rsp), %eax
  movl 172(%rsp), %edx
  wrmsr
  movl %ebp, %edi
  movq %rsp, %rsi
  movq FRAME_ORIG_RAX(%rsp), %rdx
  call ht_own_stack_exception
  movl $MSR_GS_BASE, %ecx
  movl %r12d, %eax
  movl %r13d, %edx
  wrmsr
  POP_REGISTERS
  addq $8, %rsp
  iretq
