// Compiled once per instruction set; see simd.hpp for what that forbids.
#include "eemt/sunlit_cells.hpp"

#include "eemt/clear_sky_integrals.hpp"
#include "eemt/constants.hpp"

namespace eemt::EEMT_SIMD_NAMESPACE {
namespace {

#include "lit_intervals.hpp"

// A LitSums<T> as one vector.
template <typename T>
using LitVector [[gnu::vector_size(lit_lanes * sizeof(T))]] = T;

// Where a moment lies in the tables: its step's row, in elements, and the share of the step.
template <typename T>
struct TableMoment {
    std::int32_t row;
    T share;
};

template <typename T, bool maps>
inline TableMoment<T> moment_in_table(const SunlitDay<T>& day, T x) {
    const std::int32_t step = smaller(static_cast<std::int32_t>(x), day.steps - 1);
    return {step * integrals_row[maps], x - static_cast<T>(step)};
}

// A cell's air: its class's tables and where the cell lies in the class.
template <typename T, bool maps>
struct Air {
    const T* rows;
    T height, linke;

    Air(const SunlitCells<T>& c, const SunlitDay<T>& day, int i)
        : rows(day.integrals + c.air_class[i] * day.class_stride),
          height(c.height_offset[i] +
                 c.latitude_offset[i] * day.height_per_latitude[c.air_class[i]]),
          linke(maps ? c.linke_offset[i] : T(0)) {}

    // The integrals from noon to a moment.
    void integrals_to(std::int32_t row, T u, LitVector<T>& sum) const {
        const T* const from = rows + row;
        LitVector<T> a, b, c, d, e;
        read(a, from + row_value);
        read(b, from + row_value_linear);
        read(c, from + row_value_square);
        read(d, from + row_by_height);
        read(e, from + row_by_height_linear);
        sum = a + u * (b + u * c) + height * (d + u * e);
        if constexpr (maps) {
            read(d, from + row_by_linke);
            read(e, from + row_by_linke_linear);
            sum += linke * (d + u * e);
        }
    }

  private:
    static void read(LitVector<T>& lanes, const T* from) {
        __builtin_memcpy(&lanes, from, sizeof lanes);
    }
};

// Adds to cell i what an interval gives.
template <typename T, bool maps>
inline void add_interval(const SunlitCells<T>& c, const SunlitDay<T>& day, int i,
                         const TableMoment<T>& from, const TableMoment<T>& to,
                         const SunlitSums<T>& sums) {
    const Air<T, maps> air(c, day, i);
    LitVector<T> lit;
    LitSums<T>* const at = sums.lit + i;
    __builtin_memcpy(&lit, at, sizeof lit);
    LitVector<T> until, since;
    air.integrals_to(to.row, to.share, until);
    air.integrals_to(from.row, from.share, since);
    lit += until - since;
    __builtin_memcpy(at, &lit, sizeof lit);
}

// Adds all intervals of a cell that has several.
template <typename T, bool maps>
void add_all_intervals(const SunlitCells<T>& c, const SunlitDay<T>& day, const Patch<T>& patch,
                       int j, const SunlitSums<T>& sums) {
    const int i = patch.first + j, pack = j / pack_cells, lane = j % pack_cells;
    const std::int16_t* const map = patch.horizon + pack * day.pack_stride;
    const T north = northing(c, patch.first + pack * pack_cells);
    const auto add = [&](T from, T to) {
        if (day.own_sunrise != nullptr) {
            from = larger(from, day.own_sunrise[i]);
            to = smaller(to, day.own_sunset[i]);
        }
        if (!(to > from)) return;
        add_interval<T, maps>(c, day, i, moment_in_table<T, maps>(day, from),
                              moment_in_table<T, maps>(day, to), sums);
        sums.hours[i] += (to - from) * day.hours_per_step;
    };
    const auto add_while_facing = [&](T from, T to) {
        add(larger(from, patch.from[j]), smaller(to, patch.to[j]));
        if (patch.faces_twice[j] == 0) return;
        const T circle = T(2 * pi) * day.steps_per_radian;
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
        return crossing_moment(over(k), over(k + 1), day.stretches[k], sense);
    };
    const T end = static_cast<T>(day.steps);
    if (day.nodes == 0) return add_while_facing(T(0), end);
    for (int k = 0; k < day.nodes; ++k) {
        if (!sees(k)) continue;
        const T from = k == 0 ? T(0) : crossing(k - 1, T(1));
        while (k < day.nodes && sees(k)) ++k;
        add_while_facing(from, k == day.nodes ? end : crossing(k - 1, T(-1)));
    }
}

// Adds the interval of the cells that have only one; the others get an empty one.
template <typename T, bool maps>
void add_one_interval(const SunlitCells<T>& c, const SunlitDay<T>& day, const Patch<T>& patch,
                      const SunlitSums<T>& sums) {
    const int cells = patch.cells();
    std::int32_t row_from[patch_cells], row_to[patch_cells];
    T share_from[patch_cells], share_to[patch_cells], hours[patch_cells];
#pragma GCC unroll 1
    for (int j = 0; j < cells; ++j) {
        const bool one = (patch.several[j] == 0) & (patch.lit_to[j] > patch.lit_from[j]);
        const T from = one ? patch.lit_from[j] : T(0), to = one ? patch.lit_to[j] : T(0);
        const TableMoment<T> a = moment_in_table<T, maps>(day, from);
        const TableMoment<T> b = moment_in_table<T, maps>(day, to);
        row_from[j] = a.row;
        row_to[j] = b.row;
        share_from[j] = a.share;
        share_to[j] = b.share;
        hours[j] = (to - from) * day.hours_per_step;
    }
    T* const all = sums.hours + patch.first;
#pragma GCC unroll 1
    for (int j = 0; j < cells; ++j) all[j] += hours[j];
    for (int j = 0; j < cells; ++j) {
        add_interval<T, maps>(c, day, patch.first + j, {row_from[j], share_from[j]},
                              {row_to[j], share_to[j]}, sums);
    }
}

template <typename T, bool maps>
void sunlit_day(const SunlitCells<T>& c, const SunlitDay<T>& day, const SunlitSums<T>& sums) {
    Patch<T> patch;
    patch.horizon = day.horizon;
    for (patch.first = 0; patch.first < c.count; patch.first += patch_cells) {
        patch.packs = smaller(patch_cells, c.count - patch.first) / pack_cells;
        facing_interval(c, day, patch);
        cut_to_own_day(day, patch);
        if (day.nodes > 0) {
            for (int pack = 0; pack < patch.packs; ++pack) find_rise_and_set(c, day, patch, pack);
            cut_at_horizon(day, patch);
        }
        add_one_interval<T, maps>(c, day, patch, sums);
        const int cells = patch.cells();
        for (int j = 0; j < cells; ++j) {
            if (patch.several[j] != 0) add_all_intervals<T, maps>(c, day, patch, j, sums);
        }
        patch.horizon += patch.packs * day.pack_stride;
    }
}

}  // namespace

SunlitFunctions sunlit_functions() {
    return {{sunlit_day<float, false>, sunlit_day<float, true>},
            {sunlit_day<double, false>, sunlit_day<double, true>}};
}

}  // namespace eemt::EEMT_SIMD_NAMESPACE
