#include <array>
#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "eemt/simd.hpp"

namespace eemt {
namespace {

struct Named {
    SimdLevel level;
    const char* name;
};

#if defined(EEMT_SIMD_X86)
constexpr std::array<Named, 3> known = {
    {{SimdLevel::base, "base"}, {SimdLevel::v3, "v3"}, {SimdLevel::v4, "v4"}}};
#else
// another architecture's results are never those of an x86-64's base
constexpr std::array<Named, 1> known = {{{SimdLevel::base, EEMT_ARCHITECTURE}}};
#endif

SimdLevel level_of_processor() {
#if defined(EEMT_SIMD_X86)
    if (__builtin_cpu_supports("x86-64-v4")) return SimdLevel::v4;
    if (__builtin_cpu_supports("x86-64-v3")) return SimdLevel::v3;
#endif
    return SimdLevel::base;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : " or ") + name;
    return text;
}

// The levels up to `highest`, lowest first.
std::vector<std::string> names_up_to(SimdLevel highest) {
    std::vector<std::string> names;
    for (const Named& one : known) {
        if (one.level <= highest) names.emplace_back(one.name);
    }
    return names;
}

SimdLevel level_named(const std::string& name, SimdLevel highest, const std::string& asked) {
    for (const Named& one : known) {
        if (one.level <= highest && name == one.name) return one.level;
    }
    throw std::invalid_argument(asked + " is no instruction set of this build and processor; set " +
                                "it to " + listed(names_up_to(highest)) +
                                ", or leave it unset for the best");
}

SimdLevel highest_level() {
    static const SimdLevel level = [] {
        const SimdLevel best = level_of_processor();
        const char* wanted = std::getenv("EEMT_SIMD");
        if (wanted == nullptr || *wanted == '\0') return best;
        return level_named(wanted, best, std::string("EEMT_SIMD=") + wanted);
    }();
    return level;
}

std::atomic<SimdLevel>& level_in_use() {
    static std::atomic<SimdLevel> level{highest_level()};
    return level;
}

}  // namespace

SimdLevel simd_level() { return level_in_use().load(std::memory_order_relaxed); }

std::string simd_level_name() {
    for (const Named& one : known) {
        if (one.level == simd_level()) return one.name;
    }
    return known[0].name;
}

std::vector<std::string> simd_levels() { return names_up_to(highest_level()); }

void use_simd_level(const std::string& name) {
    level_in_use().store(level_named(name, highest_level(), name), std::memory_order_relaxed);
}

}  // namespace eemt
