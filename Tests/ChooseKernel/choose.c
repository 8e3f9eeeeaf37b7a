#include <stdlib.h>

#include "ChooseKernel.h"

// The one thing that Swift cannot do: run before main, and so before every test.
__attribute__((constructor)) static void choose(void) {
  const char *name = getenv("WALKTHROUGH_KERNEL");
  if (name) chooseKernel(name);
}
