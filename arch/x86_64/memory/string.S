// memcpy, memmove, memset, memcmp: what the compiler and the standard library call.
//
// Short blocks move as overlapping words, long ones by 8-byte registers: string instructions cost a step per element on
// emulators and a start-up on hardware. Page-sized work has routines of its own (page.S).
  .section .text, "ax", @progbits
  .globl memcpy, memmove, memset, memcmp, bcmp
  .hidden memcpy, memmove, memset, memcmp, bcmp

.macro COPY_16 from, to, base_from=%rsi, base_to=%rdi
  movq \from(\base_from), %r8
  movq \from+8(\base_from), %r9
  movq %r8, \to(\base_to)
  movq %r9, \to+8(\base_to)
.endm

  .balign 64
memcpy:
  movq %rdi, %rax
  cmpq $16, %rdx
  ja 4f
  cmpl $8, %edx
  jae 3f
  cmpl $4, %edx
  jae 2f
  testl %edx, %edx
  jz 1f
  movl %edx, %r8d
  shrl $1, %r8d
  movzbl (%rsi), %ecx
  movzbl (%rsi,%r8), %r9d
  movzbl -1(%rsi,%rdx), %r10d
  movb %cl, (%rdi)
  movb %r9b, (%rdi,%r8)
  movb %r10b, -1(%rdi,%rdx)
1:
  ret
2:
  movl (%rsi), %ecx
  movl -4(%rsi,%rdx), %r8d
  movl %ecx, (%rdi)
  movl %r8d, -4(%rdi,%rdx)
  ret
3:
  movq (%rsi), %rcx
  movq -8(%rsi,%rdx), %r8
  movq %rcx, (%rdi)
  movq %r8, -8(%rdi,%rdx)
  ret
4:
  cmpq $32, %rdx
  jbe 7f
5:
  cmpq $64, %rdx
  jbe 6f
  COPY_16 0, 0
  COPY_16 16, 16
  COPY_16 32, 32
  COPY_16 48, 48
  addq $64, %rsi
  addq $64, %rdi
  subq $64, %rdx
  jmp 5b
6:
  cmpl $32, %edx
  jbe 8f
  COPY_16 0, 0
  COPY_16 16, 16
8:  // the last 32 bytes, over some that are done
  movq -32(%rsi,%rdx), %r8
  movq -24(%rsi,%rdx), %r9
  movq %r8, -32(%rdi,%rdx)
  movq %r9, -24(%rdi,%rdx)
  movq -16(%rsi,%rdx), %r8
  movq -8(%rsi,%rdx), %r9
  movq %r8, -16(%rdi,%rdx)
  movq %r9, -8(%rdi,%rdx)
  ret
7:  // 17 to 32
  movq (%rsi), %r8
  movq 8(%rsi), %r9
  movq -16(%rsi,%rdx), %r10
  movq -8(%rsi,%rdx), %r11
  movq %r8, (%rdi)
  movq %r9, 8(%rdi)
  movq %r10, -16(%rdi,%rdx)
  movq %r11, -8(%rdi,%rdx)
  ret

  .balign 64
memmove:
  movq %rdi, %rcx
  subq %rsi, %rcx  // distance, as an unsigned number: below n the destination starts inside the source
  cmpq %rdx, %rcx
  jb 2f
  negq %rcx
  cmpq %rdx, %rcx
  jae memcpy
  // Forward: the source starts inside the destination.
  movq %rdi, %rax
  xorl %r8d, %r8d
1:
  leaq 8(%r8), %r9
  cmpq %rdx, %r9
  ja 3f
  movq (%rsi,%r8), %r10
  movq %r10, (%rdi,%r8)
  movq %r9, %r8
  jmp 1b
3:
  cmpq %rdx, %r8
  jae 4f
  movzbl (%rsi,%r8), %r10d
  movb %r10b, (%rdi,%r8)
  incq %r8
  jmp 3b
4:
  ret
2:  // Backward.
  movq %rdi, %rax
5:
  cmpq $8, %rdx
  jb 6f
  subq $8, %rdx
  movq (%rsi,%rdx), %r10
  movq %r10, (%rdi,%rdx)
  jmp 5b
6:
  testq %rdx, %rdx
  jz 7f
  decq %rdx
  movzbl (%rsi,%rdx), %r10d
  movb %r10b, (%rdi,%rdx)
  jmp 6b
7:
  ret

  .balign 64
memset:
  movq %rdi, %rax
  movzbl %sil, %ecx
  movabsq $0x0101010101010101, %r8
  imulq %r8, %rcx
  cmpq $16, %rdx
  ja 4f
  cmpl $8, %edx
  jae 3f
  cmpl $4, %edx
  jae 2f
  testl %edx, %edx
  jz 1f
  movb %cl, (%rdi)
  movb %cl, -1(%rdi,%rdx)
  shrl $1, %edx
  movb %cl, (%rdi,%rdx)
1:
  ret
2:
  movl %ecx, (%rdi)
  movl %ecx, -4(%rdi,%rdx)
  ret
3:
  movq %rcx, (%rdi)
  movq %rcx, -8(%rdi,%rdx)
  ret
4:
  leaq -16(%rdi,%rdx), %rsi  // the last 16 bytes are set last, over some that are done
5:
  cmpq $64, %rdx
  jb 6f
  movq %rcx, (%rdi)
  movq %rcx, 8(%rdi)
  movq %rcx, 16(%rdi)
  movq %rcx, 24(%rdi)
  movq %rcx, 32(%rdi)
  movq %rcx, 40(%rdi)
  movq %rcx, 48(%rdi)
  movq %rcx, 56(%rdi)
  addq $64, %rdi
  subq $64, %rdx
  jmp 5b
6:
  cmpl $16, %edx
  jb 7f
  movq %rcx, (%rdi)
  movq %rcx, 8(%rdi)
  addq $16, %rdi
  subl $16, %edx
  jmp 6b
7:
  movq %rcx, (%rsi)
  movq %rcx, 8(%rsi)
  ret

  .balign 64
bcmp:
memcmp:
  xorl %ecx, %ecx
1:
  leaq 8(%rcx), %r8
  cmpq %rdx, %r8
  ja 2f
  movq (%rdi,%rcx), %r9
  movq (%rsi,%rcx), %r10
  movq %r8, %rcx
  cmpq %r10, %r9
  je 1b
  bswapq %r9
  bswapq %r10
  cmpq %r10, %r9
  sbbl %eax, %eax
  orl $1, %eax
  ret
2:
  cmpq %rdx, %rcx
  jae 3f
  movzbl (%rdi,%rcx), %eax
  movzbl (%rsi,%rcx), %r9d
  incq %rcx
  subl %r9d, %eax
  jz 2b
  ret
3:
  xorl %eax, %eax
  ret
