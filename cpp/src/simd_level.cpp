#include "eemt/simd.hpp"

namespace eemt {

SimdLevel simd_level() {
#if defined(EEMT_SIMD_X86)
    static const SimdLevel level = __builtin_cpu_supports("x86-64-v4")   ? SimdLevel::v4
                                   : __builtin_cpu_supports("x86-64-v3") ? SimdLevel::v3
                                                                         : SimdLevel::base;
    return level;
#else
    return SimdLevel::base;
#endif
}

const char* simd_level_name() {
    switch (simd_level()) {
        case SimdLevel::v4:
            return "x86-64-v4";
        case SimdLevel::v3:
            return "x86-64-v3";
        default:
            return "base";
    }
}

}  // namespace eemt
