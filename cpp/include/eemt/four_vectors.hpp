// Vectors of four numbers, and four of them turned from rows to columns.
//
// For units that are compiled once per instruction set (simd.hpp): include it within the
// level's namespace only.

template <typename T>
using Four [[gnu::vector_size(4 * sizeof(T))]] = T;

template <typename V, typename T>
inline void load(V& v, const T* from) {
    __builtin_memcpy(&v, from, sizeof v);
}
template <typename V, typename T>
inline void store(T* to, const V& v) {
    __builtin_memcpy(to, &v, sizeof v);
}

template <typename T>
inline void transpose(Four<T>& a, Four<T>& b, Four<T>& c, Four<T>& d) {
    const Four<T> ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const Four<T> cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const Four<T> ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Four<T> cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}
