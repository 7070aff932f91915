// Zeroing and copying whole pages, three ways; memory/page.cc picks by measuring.
#include "arch/x86_64/memory/wide.inc"

  .section .text, "ax", @progbits
  .globl ht_zero_page_words, ht_zero_page_string, ht_zero_page_wide
  .globl ht_copy_page_words, ht_copy_page_string, ht_copy_page_wide
  .hidden ht_zero_page_words, ht_zero_page_string, ht_zero_page_wide
  .hidden ht_copy_page_words, ht_copy_page_string, ht_copy_page_wide

  .balign 64
ht_zero_page_wide:
  BORROW_YMM0
  vpxor %xmm0, %xmm0, %xmm0
  .set offset, 0
  .rept 128
    vmovdqa %ymm0, offset(%rdi)
    .set offset, offset + 32
  .endr
  RETURN_YMM0
  jz ht_preempt_now
  ret

  .balign 64
ht_copy_page_wide:
  BORROW_YMM0
  .set offset, 0
  .rept 128
    vmovdqa offset(%rsi), %ymm0
    vmovdqa %ymm0, offset(%rdi)
    .set offset, offset + 32
  .endr
  RETURN_YMM0
  jz ht_preempt_now
  ret

  .balign 64
ht_zero_page_string:
  movl $512, %ecx
  xorl %eax, %eax
  rep stosq
  ret

  .balign 64
ht_copy_page_string:
  movl $512, %ecx
  rep movsq
  ret

  .balign 64
ht_zero_page_words:
  xorl %eax, %eax
  movl $8, %ecx
1:
  .set offset, 0
  .rept 64
    movq %rax, offset(%rdi)
    .set offset, offset + 8
  .endr
  addq $512, %rdi
  decl %ecx
  jnz 1b
  ret

  .balign 64
ht_copy_page_words:
  movl $16, %ecx
1:
  .set offset, 0
  .rept 16
    movq offset(%rsi), %rax
    movq offset + 8(%rsi), %rdx
    movq %rax, offset(%rdi)
    movq %rdx, offset + 8(%rdi)
    .set offset, offset + 16
  .endr
  addq $256, %rsi
  addq $256, %rdi
  decl %ecx
  jnz 1b
  ret
