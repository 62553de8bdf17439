// Threads. Nothing else knows OpenMP; with EEMT_OPENMP off everything runs on one thread.
//
// Every kernel splits its work into pieces that do not depend on the number of
// threads, and each output cell is written by exactly one piece: the same input
// gives the same bits for every thread count.
#pragma once

#include <algorithm>
#include <cstddef>

#if defined(EEMT_OPENMP)
#include <omp.h>
#endif

namespace eemt {

inline int available_threads() {
#if defined(EEMT_OPENMP)
    return omp_get_max_threads();
#else
    return 1;
#endif
}

// The number of threads to use for `requested` (0 or less: all available).
inline int resolve_threads(int requested) {
    return requested > 0 ? requested : std::max(1, available_threads());
}

// Calls body(i) for i in [0, count), in parallel, handing out one index at a
// time. Use it for pieces of uneven cost (blocks, scan directions).
template <typename Body>
void parallel_for_dynamic(std::ptrdiff_t count, int threads, Body&& body) {
#if defined(EEMT_OPENMP)
#pragma omp parallel for schedule(dynamic, 1) num_threads(resolve_threads(threads))
#else
    (void)threads;
#endif
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i);
}

// How many workers parallel_for_workers needs buffers for.
inline int worker_count(std::ptrdiff_t count, int threads) {
    return static_cast<int>(std::clamp<std::ptrdiff_t>(
        count, 1, static_cast<std::ptrdiff_t>(resolve_threads(threads))));
}

// Calls body(i, worker) like parallel_for_dynamic, with worker in [0, workers): for
// bodies with large buffers, which are made before the threads start.
template <typename Body>
void parallel_for_workers(std::ptrdiff_t count, int workers, Body&& body) {
#if defined(EEMT_OPENMP)
#pragma omp parallel for schedule(dynamic, 1) num_threads(workers)
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i, omp_get_thread_num());
#else
    (void)workers;
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i, 0);
#endif
}

// Calls body(i) for i in [0, count), in parallel, in equal contiguous shares.
// Use it for rows of even cost.
template <typename Body>
void parallel_for_static(std::ptrdiff_t count, int threads, Body&& body) {
#if defined(EEMT_OPENMP)
#pragma omp parallel for schedule(static) num_threads(resolve_threads(threads))
#else
    (void)threads;
#endif
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i);
}

}  // namespace eemt
