// Copies to, from and within reach of user memory: the only code that runs with SMAP open.
//
// One body serves both directions; entry points differ in the pointer they check. Addresses below 2^47 are user memory or a
// fault, so a length below 2^47 cannot reach the kernel's half. At every access rdi, rsi and rdx say where the copy stands: a
// fault that is not repaired continues byte by byte from there, until the byte that really faults.
#include "arch/x86_64/entry/frame.inc"
#include "arch/x86_64/memory/wide.inc"

#define LARGE 256
#define WIDE_RUN 16  // blocks of LARGE bytes moved in one go: preemption is off for so long

  .section .text, "ax", @progbits
  .globl ht_copy_from_user, ht_copy_to_user, ht_clear_user
  .hidden ht_copy_from_user, ht_copy_to_user, ht_clear_user

// An access that may fault; `fixup` is where it then goes on.
.macro TRY fixup, instruction:vararg
772:
  \instruction
  EX_TABLE 772b, \fixup
.endm

// Leaves with rax = rdx when the block at \pointer is no user memory.
.macro CHECK_RANGE pointer
  movq \pointer, %rax
  orq %rdx, %rax
  shrq $47, %rax
  jnz outside
.endm

  .balign 64
// std::size_t ht_copy_from_user(void* to, const void* from, std::size_t n)
ht_copy_from_user:
  CHECK_RANGE %rsi
  jmp copy
  .balign 16
// std::size_t ht_copy_to_user(void* to, const void* from, std::size_t n)
ht_copy_to_user:
  CHECK_RANGE %rdi
copy:
  STAC
copy_rest:
  cmpq $16, %rdx
  ja 4f
  cmpl $8, %edx
  jae 3f
  cmpl $4, %edx
  jb copy_bytes
  TRY copy_bytes, movl (%rsi), %ecx
  TRY copy_bytes, movl -4(%rsi,%rdx), %r8d
  TRY copy_bytes, movl %ecx, (%rdi)
  TRY copy_bytes, movl %r8d, -4(%rdi,%rdx)
  CLAC
  xorl %eax, %eax
  ret
3:
  TRY copy_bytes, movq (%rsi), %rcx
  TRY copy_bytes, movq -8(%rsi,%rdx), %r8
  TRY copy_bytes, movq %rcx, (%rdi)
  TRY copy_bytes, movq %r8, -8(%rdi,%rdx)
  CLAC
  xorl %eax, %eax
  ret
4:
  cmpq $LARGE, %rdx
  jae large_copy
words_copy:
  cmpq $32, %rdx
  jbe 6f
5:
  TRY copy_bytes, movq (%rsi), %r8
  TRY copy_bytes, movq 8(%rsi), %r9
  TRY copy_bytes, movq 16(%rsi), %r10
  TRY copy_bytes, movq 24(%rsi), %r11
  TRY copy_bytes, movq %r8, (%rdi)
  TRY copy_bytes, movq %r9, 8(%rdi)
  TRY copy_bytes, movq %r10, 16(%rdi)
  TRY copy_bytes, movq %r11, 24(%rdi)
  addq $32, %rsi
  addq $32, %rdi
  subq $32, %rdx
  cmpq $32, %rdx
  ja 5b
  cmpl $16, %edx
  jbe copy_rest
6:  // 17 to 32 bytes: two overlapping halves
  TRY copy_bytes, movq (%rsi), %r8
  TRY copy_bytes, movq 8(%rsi), %r9
  TRY copy_bytes, movq -16(%rsi,%rdx), %r10
  TRY copy_bytes, movq -8(%rsi,%rdx), %r11
  TRY copy_bytes, movq %r8, (%rdi)
  TRY copy_bytes, movq %r9, 8(%rdi)
  TRY copy_bytes, movq %r10, -16(%rdi,%rdx)
  TRY copy_bytes, movq %r11, -8(%rdi,%rdx)
  CLAC
  xorl %eax, %eax
  ret

large_words:
  .set offset, 0
  .rept 4
    TRY copy_bytes, movq offset(%rsi), %r8
    TRY copy_bytes, movq offset + 8(%rsi), %r9
    TRY copy_bytes, movq offset + 16(%rsi), %r10
    TRY copy_bytes, movq offset + 24(%rsi), %r11
    TRY copy_bytes, movq %r8, offset(%rdi)
    TRY copy_bytes, movq %r9, offset + 8(%rdi)
    TRY copy_bytes, movq %r10, offset + 16(%rdi)
    TRY copy_bytes, movq %r11, offset + 24(%rdi)
    .set offset, offset + 32
  .endr
  subq $-128, %rsi
  subq $-128, %rdi
  addq $-128, %rdx
  cmpq $128, %rdx
  jae large_words
  cmpl $16, %edx
  jbe copy_rest
  jmp words_copy

large_copy:
  cmpb $1, ht_bulk_method(%rip)  // 0 words, 1 string, 2 wide
  jb large_words
  je string_copy
wide_copy:
  movq %rdx, %r8
  BORROW_YMM0
  movl $WIDE_RUN, %ecx
7:
  .set offset, 0
  .rept LARGE / 32
    TRY wide_copy_fault, vmovdqu offset(%rsi), %ymm0
    TRY wide_copy_fault, vmovdqu %ymm0, offset(%rdi)
    .set offset, offset + 32
  .endr
  addq $LARGE, %rsi
  addq $LARGE, %rdi
  subq $LARGE, %r8
  cmpq $LARGE, %r8
  jb wide_copy_end
  decl %ecx
  jnz 7b
wide_copy_end:
  RETURN_YMM0
  movq %r8, %rdx
  jnz copy_rest
  CLAC
  call preempt
  STAC
  jmp copy_rest

// Here no fault may sleep: words bring the next bytes' page in, then it goes on.
wide_copy_fault:
  RETURN_YMM0
  movq %r8, %rdx
  TRY copy_bytes, movq (%rsi), %r8
  TRY copy_bytes, movq 56(%rsi), %r9
  TRY copy_bytes, movq %r8, (%rdi)
  TRY copy_bytes, movq %r9, 56(%rdi)
  movl $8, %ecx
8:
  TRY copy_bytes, movq (%rsi), %r8
  TRY copy_bytes, movq %r8, (%rdi)
  addq $8, %rsi
  addq $8, %rdi
  subq $8, %rdx
  decl %ecx
  jnz 8b
  jmp copy_rest

string_copy:
  movq %rdx, %rcx
  shrq $3, %rcx
  TRY string_fault, rep movsq
  andl $7, %edx
  jmp copy_rest
string_fault:  // the registers stand at the word
  andl $7, %edx
  leaq (%rdx,%rcx,8), %rdx

copy_bytes:
  testq %rdx, %rdx
  jz 9f
  TRY 9f, movb (%rsi), %cl
  TRY 9f, movb %cl, (%rdi)
  incq %rsi
  incq %rdi
  decq %rdx
  jmp copy_bytes
9:
  CLAC
outside:
  movq %rdx, %rax
  ret

// A reschedule came due while preemption was off.
preempt:
  pushq %rsi
  pushq %rdi
  pushq %rdx
  call ht_preempt_now
  popq %rdx
  popq %rdi
  popq %rsi
  ret

  .balign 64
// std::size_t ht_clear_user(void* to, std::size_t n)
ht_clear_user:
  movq %rsi, %rdx
  CHECK_RANGE %rdi
  STAC
  xorl %eax, %eax
clear_rest:
  cmpq $LARGE, %rdx
  jae large_clear
clear_words:
  cmpq $32, %rdx
  jb 2f
1:
  TRY clear_bytes, movq %rax, (%rdi)
  TRY clear_bytes, movq %rax, 8(%rdi)
  TRY clear_bytes, movq %rax, 16(%rdi)
  TRY clear_bytes, movq %rax, 24(%rdi)
  addq $32, %rdi
  subq $32, %rdx
  cmpq $32, %rdx
  jae 1b
2:
  cmpl $8, %edx
  jb clear_bytes
  TRY clear_bytes, movq %rax, (%rdi)
  addq $8, %rdi
  subl $8, %edx
  jmp 2b
clear_bytes:
  testq %rdx, %rdx
  jz 3f
  TRY 3f, movb $0, (%rdi)
  incq %rdi
  decq %rdx
  jmp clear_bytes
3:
  CLAC
  movq %rdx, %rax
  ret

large_clear:
  cmpb $1, ht_bulk_method(%rip)
  jb clear_words
  je string_clear
  movq %rdx, %r8
  BORROW_YMM0
  vpxor %xmm0, %xmm0, %xmm0
  movl $WIDE_RUN, %ecx
4:
  .set offset, 0
  .rept LARGE / 32
    TRY wide_clear_fault, vmovdqu %ymm0, offset(%rdi)
    .set offset, offset + 32
  .endr
  addq $LARGE, %rdi
  subq $LARGE, %r8
  cmpq $LARGE, %r8
  jb 5f
  decl %ecx
  jnz 4b
5:
  RETURN_YMM0
  movq %r8, %rdx
  movl $0, %eax
  jnz clear_rest
  CLAC
  call preempt
  STAC
  xorl %eax, %eax
  jmp clear_rest
wide_clear_fault:
  RETURN_YMM0
  movq %r8, %rdx
  xorl %eax, %eax
  movl $8, %ecx
6:
  TRY clear_bytes, movq %rax, (%rdi)
  addq $8, %rdi
  subq $8, %rdx
  decl %ecx
  jnz 6b
  jmp clear_rest
string_clear:
  movq %rdx, %rcx
  shrq $3, %rcx
  TRY string_clear_fault, rep stosq
string_clear_fault:
  andl $7, %edx
  leaq (%rdx,%rcx,8), %rdx
  jmp clear_bytes
