/* The same numbers from the same seed, everywhere: letters that are made are the same bytes each time (splitmix64). */
#ifndef TESTS_BENCH_CHANCE_H
#define TESTS_BENCH_CHANCE_H

#include <stdint.h>

static inline uint64_t chance_next(uint64_t *seed)
{
	uint64_t x = *seed += 0x9e3779b97f4a7c15u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static inline long chance_below(uint64_t *seed, long n)
{
	return (long)(chance_next(seed) % (uint64_t)n);
}

#endif
