// When each cell of a patch is lit: the first four stages of a patch's day (sunlit_cells.hpp has
// the picture). sunlit_cells.cpp includes this within its level's unnamed namespace.

#include "eemt/arc_cosine.hpp"
#include "eemt/four_vectors.hpp"

// One number for each cell of a pack.
using PackShorts [[gnu::vector_size(2 * pack_cells)]] = std::int16_t;

// What one day means for a patch of cells. Stages go over all its cells, since the processor
// works on several cells at once where one cell's sums are a long chain.
template <typename T>
struct Patch {
    const std::int16_t* horizon;  // of the first pack
    int first;                    // cell
    int packs;
    // when the sun stands before each cell's plane [steps], not cut at the day's ends
    T from[patch_cells], to[patch_cells];
    // all bits set: it does so a second time on the same day, once more round the circle
    std::int32_t faces_twice[patch_cells];
    // The first node that sees the sun, the last one before its latest loss, the number of
    // losses, and how far the sun stands over the horizon at the two nodes beside each of
    // rise and set (sine, in 2/horizon_scale).
    std::int16_t rise[patch_cells], set[patch_cells], losses[patch_cells];
    std::int16_t before_rise[patch_cells], after_rise[patch_cells];
    std::int16_t before_set[patch_cells], after_set[patch_cells];
    // the interval in which it is lit, if there is only one; all bits set: there are several
    T lit_from[patch_cells], lit_to[patch_cells];
    std::int32_t several[patch_cells];

    int cells() const { return packs * pack_cells; }
};

template <typename T>
inline T smaller(T a, T b) {
    return a < b ? a : b;
}
template <typename T>
inline T larger(T a, T b) {
    return a > b ? a : b;
}
template <typename T>
inline T arc_cosine(T x) {
    const T a = x < T(0) ? -x : x;
    const T positive = square_root(T(1) - a) * arc_cosine_series(a);
    return x < T(0) ? T(pi) - positive : positive;
}

// The sun stands before a cell's plane where A sin d + R cos d cos(t - t0) > 0 (A: its normal
// towards the pole, R: across it, t0: facing_centre): around t0, as long as
// cos(t - t0) > -(A/R) tan d.
template <typename T>
void facing_interval(const SunlitCells<T>& c, const SunlitDay<T>& day, Patch<T>& patch) {
    const int cells = patch.cells();
    const T end = static_cast<T>(day.steps), half_circle = T(pi);
    const T circle = T(2) * half_circle * day.steps_per_radian;
    const T* ratio = c.facing_ratio + patch.first;
    const T* centre = c.facing_centre + patch.first;
    const auto width = [](T edge) { return arc_cosine(smaller(larger(edge, T(-1)), T(1))); };
#pragma GCC unroll 1
    for (int j = 0; j < cells; ++j) {
        const T edge = -ratio[j] * day.tan_declination;
        const T noon = width(edge);
        const T rise = centre[j] - noon, set = centre[j] + noon;
        // the declination moves during the day: once more with that of both moments
        const T per_radian = -ratio[j] * day.tan_declination_rate;
        const T edge_rise =
            edge + per_radian * (rise < -half_circle ? rise + T(2) * half_circle : rise);
        const T edge_set = edge + per_radian * (set > half_circle ? set - T(2) * half_circle : set);
        const T always = edge <= T(-1) ? circle : T(0), never = edge >= T(1) ? circle : T(0);
        const T from =
            (centre[j] - width(edge_rise) - day.sunrise) * day.steps_per_radian - always + never;
        const T to =
            (centre[j] + width(edge_set) - day.sunrise) * day.steps_per_radian + always - never;
        const T length = to - from;
        const bool tomorrow = from + circle < end;
        const bool yesterday = to > circle;
        patch.from[j] = from;
        patch.to[j] = to;
        patch.faces_twice[j] = -static_cast<std::int32_t>((tomorrow | yesterday) & (length > T(0)) &
                                                          (length < circle));
        patch.several[j] = patch.faces_twice[j];
        patch.lit_from[j] = larger(from, T(0));
        patch.lit_to[j] = smaller(to, end);
    }
}

// Cuts [lit_from, lit_to] at each cell's own sunrise and sunset, where they are given.
template <typename T>
void cut_to_own_day(const SunlitDay<T>& day, Patch<T>& patch) {
    if (day.own_sunrise == nullptr) return;
    const int cells = patch.cells();
    for (int j = 0; j < cells; ++j) {
        patch.lit_from[j] = larger(patch.lit_from[j], day.own_sunrise[patch.first + j]);
        patch.lit_to[j] = smaller(patch.lit_to[j], day.own_sunset[patch.first + j]);
    }
}

// The horizon between those of two directions, `weight` of 32768 on the way from a to b; rounded
// like the processors' own instruction (pmulhrsw), which GCC makes of it.
inline std::int16_t between(std::int16_t a, std::int16_t b, std::int16_t weight) {
    const auto half = static_cast<std::int16_t>((b >> 1) - (a >> 1));  // which cannot overflow
    const auto way = static_cast<std::int16_t>((((half * weight) >> 14) + 1) >> 1);
    return static_cast<std::int16_t>(a + 2 * way);
}

// Horizon of cell `j` of a pack towards the sun at a node of its path.
template <typename T>
inline std::int16_t horizon_at(const std::int16_t* horizon, const SunPathNode<T>& node, int j) {
    return between(horizon[node.direction_a + j], horizon[node.direction_b + j],
                   static_cast<std::int16_t>(node.weight_b));
}

// How far north of the block's centre a pack lies [rad].
template <typename T>
inline T northing(const SunlitCells<T>& c, int first) {
    const T* offset = c.latitude_offset + first;
    return T(0.5) * (offset[0] + offset[pack_cells - 1]);
}

// The highest horizon over which the sun of a node is seen.
template <typename T>
inline std::int16_t sun_at(const SunPathNode<T>& node, T north) {
    const T sine = node.sine + node.northward * north;
    const auto whole = static_cast<std::int32_t>(sine);
    const auto floor = whole - (static_cast<T>(whole) > sine);
    return static_cast<std::int16_t>(floor > horizon_scale ? horizon_scale : floor);
}

// Compares sun and horizon of a pack's cells, at the nodes where those of the patch may differ.
template <typename T>
void find_rise_and_set(const SunlitCells<T>& c, const SunlitDay<T>& day, Patch<T>& patch,
                       int pack) {
    const int first = pack * pack_cells;  // within the patch
    const T north = northing(c, patch.first + first);
    const std::int16_t* const map = patch.horizon + pack * day.pack_stride;
    PackShorts rise{}, set{}, losses{}, before_rise{}, after_rise{}, before_set{}, after_set{};
    PackShorts ever{}, seen{}, before{};
    const int number = patch.first / patch_cells;
    const std::int16_t* const asked = day.asked_nodes + number * day.nodes;
    for (int r = 0; r < day.asked_counts[number]; ++r) {
        const std::int16_t k = asked[r];
        const SunPathNode<T>& node = day.path[k];
        const std::int16_t* const a = map + node.direction_a;
        const std::int16_t* const b = map + node.direction_b;
        const auto weight = static_cast<std::int16_t>(node.weight_b);
        __builtin_prefetch(a + day.pack_stride);  // the next pack's
        std::int16_t codes[pack_cells];
        // Unrolled first, GCC 13 and 14 no longer see that it is one instruction (pmulhrsw).
#pragma GCC unroll 1
        for (int j = 0; j < pack_cells; ++j) codes[j] = between(a[j], b[j], weight);
        PackShorts horizon;
        __builtin_memcpy(&horizon, codes, sizeof horizon);
        const PackShorts sun = PackShorts{} + sun_at(node, north);
        const PackShorts sees = horizon <= sun;               // 0 or -1
        const PackShorts over = (sun >> 1) - (horizon >> 1);  // halves do not overflow
        const PackShorts here = PackShorts{} + k;
        const PackShorts rises = sees & ~ever, sets = seen & ~sees;
        rise = rises ? here : rise;
        before_rise = rises ? before : before_rise;
        after_rise = rises ? over : after_rise;
        set = sees ? here : set;
        before_set = sets ? before : before_set;
        after_set = sets ? over : after_set;
        losses -= sets;
        ever |= sees;
        seen = sees;
        before = over;
    }
    // who sees the last node is lit to the day's end, which counts as a loss
    set = seen ? PackShorts{} + static_cast<std::int16_t>(day.nodes - 1) : set;
    losses -= seen;
    __builtin_memcpy(patch.rise + first, &rise, sizeof rise);
    __builtin_memcpy(patch.set + first, &set, sizeof set);
    __builtin_memcpy(patch.losses + first, &losses, sizeof losses);
    __builtin_memcpy(patch.before_rise + first, &before_rise, sizeof before_rise);
    __builtin_memcpy(patch.after_rise + first, &after_rise, sizeof after_rise);
    __builtin_memcpy(patch.before_set + first, &before_set, sizeof before_set);
    __builtin_memcpy(patch.after_set + first, &after_set, sizeof after_set);
}

// The moment within a stretch at which a cell begins (sense 1) or ceases (-1) to see the sun
// [steps], from how far the sun stands over its horizon at both nodes (sine times
// horizon_scale). The horizon runs straight, the sun's sine bends a little. There are no
// branches but minima and maxima.
template <typename T>
inline T crossing_moment(T before, T after, const SunPathStretch<T>& stretch, T sense) {
    const T first = sense * before, arc = sense * stretch.sine_bend;
    const T change = larger(sense * after - first, T(1e-3));
    const T chord = smaller(larger(-first / change, T(0)), T(1));
    // One step of Newton's; its speed is held away from 0, where the bend outweighs the change.
    const T speed = larger(change + arc * (T(2) * chord - T(1)), T(0.25) * change);
    const T miss = first + chord * change + arc * chord * (chord - T(1));
    const T u = smaller(larger(chord - miss / speed, T(0)), T(1));
    return stretch.start + u * (stretch.length + stretch.bend * (u - T(1)));
}

// One stretch for each cell, with an array for each member.
template <typename T>
struct Stretches {
    T start[patch_cells], length[patch_cells], bend[patch_cells], sine_bend[patch_cells];

    void fetch(int j, const SunPathStretch<T>& s0, const SunPathStretch<T>& s1,
               const SunPathStretch<T>& s2, const SunPathStretch<T>& s3) {
        Four<T> a, b, c, d;
        __builtin_memcpy(&a, &s0, sizeof a);
        __builtin_memcpy(&b, &s1, sizeof b);
        __builtin_memcpy(&c, &s2, sizeof c);
        __builtin_memcpy(&d, &s3, sizeof d);
        transpose<T>(a, b, c, d);
        store(start + j, a);
        store(length + j, b);
        store(bend + j, c);
        store(sine_bend + j, d);
    }
    SunPathStretch<T> operator[](int j) const {
        return {start[j], length[j], bend[j], sine_bend[j]};
    }
};

// Cuts [lit_from, lit_to] where the sun rises over the horizon and sets behind it. Cells that
// lose the sun more than once are marked as having several intervals.
template <typename T>
void cut_at_horizon(const SunlitDay<T>& day, Patch<T>& patch) {
    Stretches<T> morning, evening;
    const int cells = patch.cells();
    const auto last = static_cast<std::int16_t>(day.nodes - 1);
    const auto before_rise = [&](int j) -> const SunPathStretch<T>& {
        return day.stretches[larger(patch.rise[j] - 1, 0)];
    };
    const auto after_set = [&](int j) -> const SunPathStretch<T>& {
        return day.stretches[smaller(static_cast<int>(patch.set[j]), last - 1)];
    };
    for (int j = 0; j < cells; j += 4) {
        morning.fetch(j, before_rise(j), before_rise(j + 1), before_rise(j + 2),
                      before_rise(j + 3));
        evening.fetch(j, after_set(j), after_set(j + 1), after_set(j + 2), after_set(j + 3));
    }
    const T end = static_cast<T>(day.steps);
#pragma GCC unroll 1
    for (int j = 0; j < cells; ++j) {
        const T rise =
            crossing_moment(T(2) * static_cast<T>(patch.before_rise[j]),
                            T(2) * static_cast<T>(patch.after_rise[j]), morning[j], T(1));
        const T set = crossing_moment(T(2) * static_cast<T>(patch.before_set[j]),
                                      T(2) * static_cast<T>(patch.after_set[j]), evening[j], T(-1));
        const T to = patch.set[j] == last ? end : set;
        patch.lit_from[j] = larger(patch.lit_from[j], patch.rise[j] == 0 ? T(0) : rise);
        patch.lit_to[j] = patch.losses[j] == 0 ? T(0) : smaller(patch.lit_to[j], to);
        patch.several[j] |= -static_cast<std::int32_t>(patch.losses[j] > 1);
    }
}
