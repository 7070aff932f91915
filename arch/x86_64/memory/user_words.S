// Strings and single words of user memory.
#include "arch/x86_64/entry/frame.inc"

  .section .text, "ax", @progbits
  .globl ht_copy_string_from_user, ht_load_user_u32, ht_store_user_u32, ht_compare_exchange_user_u32
  .hidden ht_copy_string_from_user, ht_load_user_u32, ht_store_user_u32, ht_compare_exchange_user_u32

.macro TRY fixup, instruction:vararg
772:
  \instruction
  EX_TABLE 772b, \fixup
.endm

  .balign 64
// std::ptrdiff_t ht_copy_string_from_user(char* to, const char* from, std::size_t n)
//
// Eight bytes a turn while they fit: x has a zero byte when (x - 0x01..01) & ~x & 0x80..80 is not zero, and the lowest bit set
// there tells which. A word that faults may lie past the string's end: bytes decide.
ht_copy_string_from_user:
  movq %rsi, %rax
  shrq $47, %rax
  jnz 5f
  STAC
  xorl %eax, %eax
  movabsq $0xfefefefefefefeff, %r10
  movabsq $0x8080808080808080, %r11
1:
  leaq 8(%rax), %r9
  cmpq %rdx, %r9
  ja 3f
  TRY 3f, movq (%rsi,%rax), %rcx
  movq %rcx, (%rdi,%rax)
  leaq (%rcx,%r10), %r8
  notq %rcx
  andq %rcx, %r8
  andq %r11, %r8
  jnz 2f
  movq %r9, %rax
  jmp 1b
2:
  bsfq %r8, %r8
  shrl $3, %r8d
  addq %r8, %rax
  CLAC
  ret
3:
  cmpq %rdx, %rax
  jae 4f
  TRY 6f, movzbl (%rsi,%rax), %ecx
  movb %cl, (%rdi,%rax)
  testb %cl, %cl
  jz 4f
  incq %rax
  jmp 3b
4:
  CLAC
  ret
6:
  CLAC
5:
  movq $-1, %rax
  ret

  .balign 16
// bool ht_load_user_u32(const std::uint32_t* from, std::uint32_t* seen)
ht_load_user_u32:
  movq %rdi, %rax
  shrq $47, %rax
  jnz no
  STAC
  TRY fault, movl (%rdi), %eax
  CLAC
  movl %eax, (%rsi)
  movl $1, %eax
  ret

  .balign 16
// bool ht_store_user_u32(std::uint32_t* to, std::uint32_t value)
ht_store_user_u32:
  movq %rdi, %rax
  shrq $47, %rax
  jnz no
  STAC
  TRY fault, movl %esi, (%rdi)
  CLAC
  movl $1, %eax
  ret

  .balign 16
// bool ht_compare_exchange_user_u32(std::uint32_t* at, std::uint32_t expected, std::uint32_t desired, std::uint32_t* seen)
ht_compare_exchange_user_u32:
  movq %rdi, %rax
  shrq $47, %rax
  jnz no
  movl %esi, %eax
  STAC
  TRY fault, lock cmpxchgl %edx, (%rdi)
  CLAC
  movl %eax, (%rcx)
  movl $1, %eax
  ret

fault:
  CLAC
no:
  xorl %eax, %eax
  ret
