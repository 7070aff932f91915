// Switching kernel stacks: only what the calling convention preserves is saved.
  .section .text.entry, "ax", @progbits
  .globl ht_switch_context, ht_thread_start
  .hidden ht_switch_context, ht_thread_start

// void ht_switch_context(Context* from /* rdi */, const Context* to /* rsi */)
  .balign 64
ht_switch_context:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq (%rsi), %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret

// First return of a new thread (init_context): r12 = entry, r13 = argument, rbp = 0 ends backtraces.
ht_thread_start:
  movq %r13, %rdi
  call *%r12
  ud2
