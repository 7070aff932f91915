/* A dynamically linked program that looks at how it was loaded. Prints what is wrong, or "loaded as LIBRARY wants". */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

extern const Elf64_Ehdr __ehdr_start;
extern void _start(void);

static __thread int in_thread_storage = 42;
static int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 1; }

static void expect(int holds, const char* what) {
  if (!holds) printf("wrong: %s\n", what);
}

int main(int argc, char** argv) {
  const Elf64_Ehdr* interpreter = (const Elf64_Ehdr*)getauxval(AT_BASE);
  const char* program_headers = (const char*)&__ehdr_start + __ehdr_start.e_phoff;
  expect(interpreter != NULL && memcmp(interpreter->e_ident, ELFMAG, SELFMAG) == 0, "AT_BASE");
  expect(interpreter != NULL && interpreter != &__ehdr_start, "AT_BASE is the interpreter's");
  expect(getauxval(AT_PHDR) == (unsigned long)program_headers, "AT_PHDR");
  expect(getauxval(AT_PHNUM) == __ehdr_start.e_phnum, "AT_PHNUM");
  expect(getauxval(AT_ENTRY) == (unsigned long)&_start, "AT_ENTRY");
  expect(strcmp((const char*)getauxval(AT_EXECFN), argv[0]) == 0, "AT_EXECFN");
  expect(constructed && in_thread_storage == 42, "constructors and thread storage");
  expect(argc == 2 && malloc(1 << 20) != NULL, "heap");
  printf("loaded as %s\n", argv[1]);
  return 0;
}
