// SPDX-License-Identifier: MIT
//
// What the tests print, and the few things that every attack needs.
#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>
#include <stdint.h>

enum verdict { RESISTED, THROUGH, SKIPPED };

// Prints `RESULT name outcome detail` and remembers the worst.
__attribute__((format(printf, 3, 4))) void result(const char *name, enum verdict verdict, const char *format, ...);
int exit_code(void); // 0 when nothing got through

// RESISTED when `good`, else THROUGH.
#define expect(name, good, ...) result((name), (good) ? RESISTED : THROUGH, __VA_ARGS__)

uint64_t now_ns(void); // CLOCK_MONOTONIC
bool boot_id_is_mine(const uint8_t id[16]);

void random_seed(uint64_t seed); // printed by main
uint64_t random64(void);         // one sequence per thread
void become(unsigned uid);       // another user, with a readable /proc/self

#endif
