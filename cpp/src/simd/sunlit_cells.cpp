// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/sunlit_cells.hpp"

#include "eemt/clear_sky_integrals.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

#include "lit_intervals.hpp"

template <typename T>
using Lanes [[gnu::vector_size(sunlit_lanes * sizeof(T))]] = T;

// A moment's place in the tables: its step's row, in elements, and the share of the step.
template <typename T>
struct Place {
    std::int32_t row;
    T share;
};

template <typename T, bool maps>
inline Place<T> place_of(const SunlitDay<T>& day, T x) {
    const std::int32_t step = smaller(static_cast<std::int32_t>(x), day.steps - 1);
    return {step * integrals_row[maps], x - static_cast<T>(step)};
}

// A cell's air: its class's tables and where the cell lies in the class.
template <typename T, bool maps>
struct Air {
    const T* rows;
    T depth, linke;

    Air(const SunlitCells<T>& c, const SunlitDay<T>& day, int i) {
        const std::int32_t air = c.air_class[i];
        rows = day.integrals + air * day.class_stride;
        depth = c.depth_offset[i] + c.latitude_offset[i] * day.depth_per_latitude[air];
        linke = maps ? c.linke_offset[i] : T(0);
    }

    // The integrals from noon to a moment.
    void at(std::int32_t row, T u, Lanes<T>& sum) const {
        const T* const from = rows + row;
        Lanes<T> a, b, c, d, e;
        read(a, from);
        read(b, from + sunlit_lanes);
        read(c, from + 2 * sunlit_lanes);
        read(d, from + 3 * sunlit_lanes);
        read(e, from + 4 * sunlit_lanes);
        sum = a + u * (b + u * c) + depth * (d + u * e);
        if constexpr (maps) {
            read(d, from + 5 * sunlit_lanes);
            read(e, from + 6 * sunlit_lanes);
            sum += linke * (d + u * e);
        }
    }

  private:
    static void read(Lanes<T>& lanes, const T* from) {
        __builtin_memcpy(&lanes, from, sizeof lanes);
    }
};

template <typename T, bool maps>
inline void shine(const SunlitCells<T>& c, const SunlitDay<T>& day, int i, const Place<T>& from,
                  const Place<T>& to, const SunlitSums<T>& sums) {
    const Air<T, maps> air(c, day, i);
    Lanes<T> lit;
    T* const at = sums.lit + i * sunlit_lanes;
    __builtin_memcpy(&lit, at, sizeof lit);
    Lanes<T> until, since;
    air.at(to.row, to.share, until);
    air.at(from.row, from.share, since);
    lit += until - since;
    __builtin_memcpy(at, &lit, sizeof lit);
}

// A cell that is lit more than once: all its intervals.
template <typename T, bool maps>
void shine_on_and_off(const SunlitCells<T>& c, const SunlitDay<T>& day, const Patch<T>& patch,
                      int j, const SunlitSums<T>& sums) {
    const int i = patch.first + j, group = j / block_lanes, lane = j % block_lanes;
    const std::int16_t* const map = patch.horizon + group * day.group_stride;
    const T north = northing(c, patch.first + group * block_lanes);
    const auto add = [&](T from, T to) {
        if (day.own_sunrise != nullptr) {
            from = larger(from, day.own_sunrise[i]);
            to = smaller(to, day.own_sunset[i]);
        }
        if (!(to > from)) return;
        shine<T, maps>(c, day, i, place_of<T, maps>(day, from), place_of<T, maps>(day, to), sums);
        sums.hours[i] += (to - from) * day.hours_per_step;
    };
    const auto add_on_face = [&](T from, T to) {
        add(larger(from, patch.from[j]), smaller(to, patch.to[j]));
        if (patch.again[j] == 0) return;
        const T circle = T(6.28318530717958647692) * day.steps_per_radian;
        add(larger(from, patch.from[j] + circle), smaller(to, patch.to[j] + circle));
        add(larger(from, patch.from[j] - circle), smaller(to, patch.to[j] - circle));
    };
    const auto sees = [&](int k) {
        const SunPathNode<T>& node = day.path[k];
        return horizon_at(map, node, lane) <= sun_at(node, north);
    };
    const auto over = [&](int k) {
        const SunPathNode<T>& node = day.path[k];
        return node.sine + node.northward * c.latitude_offset[i] -
               static_cast<T>(horizon_at(map, node, lane));
    };
    const auto crossing = [&](int k, T sense) {
        return moment(over(k), over(k + 1), day.stretches[k], sense);
    };
    const T end = static_cast<T>(day.steps);
    if (day.nodes == 0) return add_on_face(T(0), end);
    for (int k = 0; k < day.nodes; ++k) {
        if (!sees(k)) continue;
        const T from = k == 0 ? T(0) : crossing(k - 1, T(1));
        while (k < day.nodes && sees(k)) ++k;
        add_on_face(from, k == day.nodes ? end : crossing(k - 1, T(-1)));
    }
}

// Adds what the cells get that are lit once, and leaves those that are more than once.
template <typename T, bool maps>
void shine_once(const SunlitCells<T>& c, const SunlitDay<T>& day, const Patch<T>& patch,
                const SunlitSums<T>& sums) {
    const int lanes = patch.lanes();
    std::int32_t row_from[patch_lanes], row_to[patch_lanes];
    T share_from[patch_lanes], share_to[patch_lanes], hours[patch_lanes];
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        const bool once = (patch.often[j] == 0) & (patch.lit_to[j] > patch.lit_from[j]);
        const T from = once ? patch.lit_from[j] : T(0), to = once ? patch.lit_to[j] : T(0);
        const Place<T> a = place_of<T, maps>(day, from), b = place_of<T, maps>(day, to);
        row_from[j] = a.row;
        row_to[j] = b.row;
        share_from[j] = a.share;
        share_to[j] = b.share;
        hours[j] = (to - from) * day.hours_per_step;
    }
    T* const all = sums.hours + patch.first;
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) all[j] += hours[j];
    for (int j = 0; j < lanes; ++j) {
        shine<T, maps>(c, day, patch.first + j, {row_from[j], share_from[j]},
                       {row_to[j], share_to[j]}, sums);
    }
}

template <typename T, bool maps>
void sunlit_day(const SunlitCells<T>& c, const SunlitDay<T>& day, const SunlitSums<T>& sums) {
    Patch<T> patch;
    patch.horizon = day.horizon;
    for (patch.first = 0; patch.first < c.count; patch.first += patch_lanes) {
        patch.groups = smaller(patch_lanes, c.count - patch.first) / block_lanes;
        face(c, day, patch);
        cut_to_own_day(day, patch);
        if (day.nodes > 0) {
            for (int group = 0; group < patch.groups; ++group) see(c, day, patch, group);
            narrow(day, patch);
        }
        shine_once<T, maps>(c, day, patch, sums);
        const int lanes = patch.lanes();
        for (int j = 0; j < lanes; ++j) {
            if (patch.often[j] != 0) shine_on_and_off<T, maps>(c, day, patch, j, sums);
        }
        patch.horizon += patch.groups * day.group_stride;
    }
}

}  // namespace

SunlitFunctions sunlit_functions() {
    return {{sunlit_day<float, false>, sunlit_day<float, true>},
            {sunlit_day<double, false>, sunlit_day<double, true>}};
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
