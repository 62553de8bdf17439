// Which instruction set the inner loops run on.
//
// The units in cpp/src/simd are compiled once per level, each into a namespace of
// its own, and must not instantiate anything that other units share: an inline
// function of a header compiled for AVX-512 could be the copy that the linker
// keeps for everybody.
#pragma once

namespace eemt {

enum class SimdLevel { base, v3, v4 };  // x86-64-v2, -v3 (AVX2), -v4 (AVX-512)

// The best level that this processor has, or the one that the environment variable EEMT_SIMD
// asks for: base, v3 or v4. Decided at the first call, which throws std::invalid_argument with
// a sentence if EEMT_SIMD names no level of this build and processor.
SimdLevel simd_level();
const char* simd_level_name();

}  // namespace eemt
