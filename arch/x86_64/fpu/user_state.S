// XSAVE and XRSTOR straight to and from a signal frame. A page that is missing or a frame that is invalid ends the attempt.
#include "arch/x86_64/entry/frame.inc"

  .section .text, "ax", @progbits
  .globl ht_xsave_to_user, ht_xrstor_from_user, ht_fxsave_to_user, ht_fxrstor_from_user
  .hidden ht_xsave_to_user, ht_xrstor_from_user, ht_fxsave_to_user, ht_fxrstor_from_user

// bool NAME(address /* rdi */, components /* rsi */)
.macro STATE_ACCESS name, instruction:vararg
  .balign 16
\name:
  movq %rdi, %rax
  shrq $47, %rax
  jnz failed
  movl %esi, %eax
  movq %rsi, %rdx
  shrq $32, %rdx
  STAC
1:
  \instruction
  EX_TABLE 1b, failed_open
  CLAC
  movl $1, %eax
  ret
.endm

STATE_ACCESS ht_xsave_to_user, xsave64 (%rdi)
STATE_ACCESS ht_xrstor_from_user, xrstor64 (%rdi)
STATE_ACCESS ht_fxsave_to_user, fxsave64 (%rdi)
STATE_ACCESS ht_fxrstor_from_user, fxrstor64 (%rdi)

failed_open:
  CLAC
failed:
  xorl %eax, %eax
  ret
