#include <cstdlib>
#include <stdexcept>
#include <string>

#include "eemt/simd.hpp"

namespace eemt {
namespace {

constexpr SimdLevel levels[] = {SimdLevel::base, SimdLevel::v3, SimdLevel::v4};

const char* name_of(SimdLevel level) {
    switch (level) {
        case SimdLevel::v4:
            return "v4";
        case SimdLevel::v3:
            return "v3";
        default:
            return "base";
    }
}

SimdLevel best_level() {
#if defined(EEMT_SIMD_X86)
    if (__builtin_cpu_supports("x86-64-v4")) return SimdLevel::v4;
    if (__builtin_cpu_supports("x86-64-v3")) return SimdLevel::v3;
#endif
    return SimdLevel::base;
}

SimdLevel chosen_level() {
    const SimdLevel best = best_level();
    const char* wanted = std::getenv("EEMT_SIMD");
    if (wanted == nullptr || *wanted == '\0') return best;
    std::string known;
    for (const SimdLevel level : levels) {
        if (level > best) break;
        if (std::string(wanted) == name_of(level)) return level;
        known += known.empty() ? name_of(level) : std::string(" or ") + name_of(level);
    }
    throw std::invalid_argument("EEMT_SIMD=" + std::string(wanted) +
                                " is no instruction set of this build and processor; set it to " +
                                known + ", or leave it unset for the best");
}

}  // namespace

SimdLevel simd_level() {
    static const SimdLevel level = chosen_level();
    return level;
}

const char* simd_level_name() { return name_of(simd_level()); }

}  // namespace eemt
