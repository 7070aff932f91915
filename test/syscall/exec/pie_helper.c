/* A real static-PIE program, carried inside the tests: tells that relocation worked and where it is. */
#include <stdio.h>

static int number = 42;
static int* const relocated = &number;

int main(int argc, char** argv) {
  printf("%d %s %p\n", *relocated, argv[argc - 1], (void*)&number);
  return 0;
}
