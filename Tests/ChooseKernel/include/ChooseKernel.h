// Sets the kernel on which the tests run, before any of them begins: see choose.c.
#ifndef CHOOSE_KERNEL_H
#define CHOOSE_KERNEL_H

// Swift's, in Tests/TestSupport.
void chooseKernel(const char *name);

#endif
