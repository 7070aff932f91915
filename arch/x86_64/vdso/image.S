// The vDSO inside the kernel image, on pages of its own because user programs see all of them.
  .section .rodata.vdso, "a", @progbits
  .globl ht_vdso_image_begin, ht_vdso_image_end
  .hidden ht_vdso_image_begin, ht_vdso_image_end
  .balign 4096
ht_vdso_image_begin:
  .incbin VDSO_IMAGE
  .balign 4096
ht_vdso_image_end:
