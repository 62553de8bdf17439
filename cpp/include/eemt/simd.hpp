// Which instruction set the inner loops run on.
//
// The units in cpp/src/simd are compiled once per level, each into a namespace of
// its own, and must not instantiate anything that other units share: an inline
// function of a header compiled for AVX-512 could be the copy that the linker
// keeps for all units.
#pragma once

namespace eemt {

enum class SimdLevel { base, v3, v4 };  // x86-64-v2, -v3 (AVX2), -v4 (AVX-512)

// The best level that this processor has, or the one that the environment variable EEMT_SIMD
// asks for: base, v3 or v4. Decided at the first call, which throws std::invalid_argument with
// a sentence if EEMT_SIMD names no level of this build and processor.
SimdLevel simd_level();
const char* simd_level_name();

// Of functions that a unit hands out as f32 and f64, those of T; to be copied at once.
template <typename T, typename Functions>
const auto& functions_of(const Functions& functions) {
    if constexpr (sizeof(T) == sizeof(float)) {
        return functions.f32;
    } else {
        return functions.f64;
    }
}

}  // namespace eemt

// Declares, within namespace eemt, the function with which a unit hands out its loops: `name`
// in the namespace of each level, which the unit defines, and one that calls that of this
// processor's level.
#if defined(EEMT_SIMD_X86)
#define EEMT_PER_LEVEL(Type, name)                           \
    namespace simd_base {                                    \
    Type name();                                             \
    }                                                        \
    namespace simd_v3 {                                      \
    Type name();                                             \
    }                                                        \
    namespace simd_v4 {                                      \
    Type name();                                             \
    }                                                        \
    inline Type name() {                                     \
        const SimdLevel level = simd_level();                \
        return level == SimdLevel::v4   ? simd_v4::name()    \
               : level == SimdLevel::v3 ? simd_v3::name()    \
                                        : simd_base::name(); \
    }
#else
#define EEMT_PER_LEVEL(Type, name) \
    namespace simd_base {          \
    Type name();                   \
    }                              \
    inline Type name() { return simd_base::name(); }
#endif
