// Which instruction set the inner loops run on.
//
// The units in cpp/src/simd are compiled once per level, each into a namespace of
// its own, and must not instantiate anything that other units share: an inline
// function of a header compiled for AVX-512 could be the copy that the linker
// keeps for all units.
#pragma once

#include <string>
#include <vector>

namespace eemt {

enum class SimdLevel { base, v3, v4 };  // x86-64-v2, -v3 (AVX2), -v4 (AVX-512)

// The level that the loops of this process run on: the highest that there is, or that of
// use_simd_level. The first call throws std::invalid_argument with a sentence if the
// environment variable EEMT_SIMD names no level of this build and processor.
SimdLevel simd_level();
std::string simd_level_name();

// The levels that there are here, lowest first: those of this build that the processor has, up to
// the one that EEMT_SIMD names. On x86-64 base, v3 and v4; elsewhere one, called as the
// architecture is.
std::vector<std::string> simd_levels();

// Lets the loops of this process run on another level, which must be one of simd_levels; else
// throws std::invalid_argument. Not while loops run: a row must not change its level.
void use_simd_level(const std::string& name);

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
