// When each cell of a patch is lit: the first stages of sunlit_cells.cpp, which includes this
// within its level's unnamed namespace.

#include "eemt/arc_cosine.hpp"
#include "eemt/four_vectors.hpp"

// A group's horizon in one direction, as stored and for sums.
using Shorts [[gnu::vector_size(2 * block_lanes)]] = std::int16_t;

// What one day means for a patch of cells: `groups` of block_lanes each. Each stage takes the
// whole patch before the next one: its sums hang together by long chains, of which the processor
// takes several at once.
template <typename T>
struct Patch {
    const std::int16_t* horizon;  // of the first group
    int first;                    // cell
    int groups;
    // when the sun stands before each cell's plane [steps], not cut at the day's ends
    T from[patch_lanes], to[patch_lanes];
    // all bits: it does so a second time on the same day, once more round the circle
    std::int32_t again[patch_lanes];
    // The first node that sees the sun and the last one before it is lost, how often it is
    // lost, and how far the sun stands over the horizon before and after both (sine, in
    // 2/horizon_scale).
    std::int16_t rise[patch_lanes], set[patch_lanes], times[patch_lanes];
    std::int16_t before_rise[patch_lanes], after_rise[patch_lanes];
    std::int16_t before_set[patch_lanes], after_set[patch_lanes];
    // when it is lit, if once; all bits: it is lit more than once
    T lit_from[patch_lanes], lit_to[patch_lanes];
    std::int32_t often[patch_lanes];

    int lanes() const { return groups * block_lanes; }
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
    return x < T(0) ? T(3.14159265358979323846) - positive : positive;
}

// The sun stands before a cell's plane where A sin d + R cos d cos(t - t0) > 0: around t0, as
// long as cos(t - t0) > -(A/R) tan d.
template <typename T>
void face(const SunlitCells<T>& c, const SunlitDay<T>& day, Patch<T>& patch) {
    const int lanes = patch.lanes();
    const T end = static_cast<T>(day.steps), pi = T(3.14159265358979323846);
    const T circle = T(2) * pi * day.steps_per_radian;
    const T* ratio = c.facing_ratio + patch.first;
    const T* centre = c.facing_centre + patch.first;
    const auto width = [](T edge) { return arc_cosine(smaller(larger(edge, T(-1)), T(1))); };
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        const T edge = -ratio[j] * day.tan_declination;
        const T noon = width(edge);
        const T rise = centre[j] - noon, set = centre[j] + noon;
        // the declination moves during the day: once more with that of both moments
        const T per_radian = -ratio[j] * day.tan_declination_rate;
        const T edge_rise = edge + per_radian * (rise < -pi ? rise + T(2) * pi : rise);
        const T edge_set = edge + per_radian * (set > pi ? set - T(2) * pi : set);
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
        patch.again[j] = -static_cast<std::int32_t>((tomorrow | yesterday) & (length > T(0)) &
                                                    (length < circle));
        patch.often[j] = patch.again[j];
        patch.lit_from[j] = larger(from, T(0));
        patch.lit_to[j] = smaller(to, end);
    }
}

// Cuts [lit_from, lit_to] at each cell's own sunrise and sunset, where they are given.
template <typename T>
void cut_to_own_day(const SunlitDay<T>& day, Patch<T>& patch) {
    if (day.own_sunrise == nullptr) return;
    const int lanes = patch.lanes();
    for (int j = 0; j < lanes; ++j) {
        patch.lit_from[j] = larger(patch.lit_from[j], day.own_sunrise[patch.first + j]);
        patch.lit_to[j] = smaller(patch.lit_to[j], day.own_sunset[patch.first + j]);
    }
}

// Between two directions' horizons, `weight` of 32768 from a to b; rounded like the processors'
// own instruction, which GCC makes of it.
inline std::int16_t between(std::int16_t a, std::int16_t b, std::int16_t weight) {
    const auto half = static_cast<std::int16_t>((b >> 1) - (a >> 1));  // which cannot overflow
    const auto way = static_cast<std::int16_t>((((half * weight) >> 14) + 1) >> 1);
    return static_cast<std::int16_t>(a + 2 * way);
}

// Horizon of a group's cell `j` towards a node of the sun's path.
template <typename T>
inline std::int16_t horizon_at(const std::int16_t* horizon, const SunPathNode<T>& node, int j) {
    return between(horizon[node.sector_a + j], horizon[node.sector_b + j],
                   static_cast<std::int16_t>(node.weight_b));
}

// How far north of the block's centre a group lies [rad].
template <typename T>
inline T northing(const SunlitCells<T>& c, int first) {
    const T* offset = c.latitude_offset + first;
    return T(0.5) * (offset[0] + offset[block_lanes - 1]);
}

// The highest horizon over which the sun of a node is seen.
template <typename T>
inline std::int16_t sun_at(const SunPathNode<T>& node, T north) {
    const T sine = node.sine + node.northward * north;
    const auto whole = static_cast<std::int32_t>(sine);
    const auto floor = whole - (static_cast<T>(whole) > sine);
    return static_cast<std::int16_t>(floor > horizon_scale ? horizon_scale : floor);
}

// Asks all cells of a group at the nodes where those of the patch may differ.
template <typename T>
void see(const SunlitCells<T>& c, const SunlitDay<T>& day, Patch<T>& patch, int group) {
    const int first = group * block_lanes;  // within the patch
    const T north = northing(c, patch.first + first);
    const std::int16_t* const map = patch.horizon + group * day.group_stride;
    Shorts rise{}, set{}, times{}, before_rise{}, after_rise{}, before_set{}, after_set{};
    Shorts ever{}, seen{}, before{};
    const int number = patch.first / patch_lanes;
    const std::int16_t* const ask = day.ask + number * day.nodes;
    for (int r = 0; r < day.asked[number]; ++r) {
        const std::int16_t k = ask[r];
        const SunPathNode<T>& node = day.path[k];
        const std::int16_t* const a = map + node.sector_a;
        const std::int16_t* const b = map + node.sector_b;
        const auto weight = static_cast<std::int16_t>(node.weight_b);
        __builtin_prefetch(a + day.group_stride);  // the next group's
        std::int16_t codes[block_lanes];
        for (int j = 0; j < block_lanes; ++j) codes[j] = between(a[j], b[j], weight);
        Shorts horizon;
        __builtin_memcpy(&horizon, codes, sizeof horizon);
        const Shorts sun = Shorts{} + sun_at(node, north);
        const Shorts sees = horizon <= sun;               // 0 or -1
        const Shorts over = (sun >> 1) - (horizon >> 1);  // halves do not overflow
        const Shorts here = Shorts{} + k;
        const Shorts rises = sees & ~ever, sets = seen & ~sees;
        rise = rises ? here : rise;
        before_rise = rises ? before : before_rise;
        after_rise = rises ? over : after_rise;
        set = sees ? here : set;
        before_set = sets ? before : before_set;
        after_set = sets ? over : after_set;
        times -= sets;
        ever |= sees;
        seen = sees;
        before = over;
    }
    // the last node belongs to the day's end
    set = seen ? Shorts{} + static_cast<std::int16_t>(day.nodes - 1) : set;
    times -= seen;
    __builtin_memcpy(patch.rise + first, &rise, sizeof rise);
    __builtin_memcpy(patch.set + first, &set, sizeof set);
    __builtin_memcpy(patch.times + first, &times, sizeof times);
    __builtin_memcpy(patch.before_rise + first, &before_rise, sizeof before_rise);
    __builtin_memcpy(patch.after_rise + first, &after_rise, sizeof after_rise);
    __builtin_memcpy(patch.before_set + first, &before_set, sizeof before_set);
    __builtin_memcpy(patch.after_set + first, &after_set, sizeof after_set);
}

// When a cell begins (sense 1) or ceases (-1) to see the sun between two nodes [steps], from
// the sine of the sun's altitude over its horizon at both, times horizon_scale: the horizon
// runs straight, the sun's sine bends a little. No branch but minima and maxima.
template <typename T>
inline T moment(T before, T after, const SunPathStretch<T>& stretch, T sense) {
    const T first = sense * before, arc = sense * stretch.sine_bend;
    const T change = larger(sense * after - first, T(1e-3));
    const T chord = smaller(larger(-first / change, T(0)), T(1));
    // One step of Newton's, held where the bend turns the climb over the horizon around.
    const T speed = larger(change + arc * (T(2) * chord - T(1)), T(0.25) * change);
    const T miss = first + chord * change + arc * chord * (chord - T(1));
    const T u = smaller(larger(chord - miss / speed, T(0)), T(1));
    return stretch.start + u * (stretch.length + stretch.bend * (u - T(1)));
}

// The stretches of each cell's morning or evening, turned into arrays.
template <typename T>
struct Stretches {
    T start[patch_lanes], length[patch_lanes], bend[patch_lanes], sine_bend[patch_lanes];

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

// Narrows [lit_from, lit_to] to when the sun is seen; for cells that see it once.
template <typename T>
void narrow(const SunlitDay<T>& day, Patch<T>& patch) {
    Stretches<T> morning, evening;
    const int lanes = patch.lanes();
    const auto last = static_cast<std::int16_t>(day.nodes - 1);
    const auto before_rise = [&](int j) -> const SunPathStretch<T>& {
        return day.stretches[larger(patch.rise[j] - 1, 0)];
    };
    const auto after_set = [&](int j) -> const SunPathStretch<T>& {
        return day.stretches[smaller(static_cast<int>(patch.set[j]), last - 1)];
    };
    for (int j = 0; j < lanes; j += 4) {
        morning.fetch(j, before_rise(j), before_rise(j + 1), before_rise(j + 2),
                      before_rise(j + 3));
        evening.fetch(j, after_set(j), after_set(j + 1), after_set(j + 2), after_set(j + 3));
    }
    const T end = static_cast<T>(day.steps);
#pragma GCC unroll 1
    for (int j = 0; j < lanes; ++j) {
        const T rise = moment(T(2) * static_cast<T>(patch.before_rise[j]),
                              T(2) * static_cast<T>(patch.after_rise[j]), morning[j], T(1));
        const T set = moment(T(2) * static_cast<T>(patch.before_set[j]),
                             T(2) * static_cast<T>(patch.after_set[j]), evening[j], T(-1));
        const T to = patch.set[j] == last ? end : set;
        patch.lit_from[j] = larger(patch.lit_from[j], patch.rise[j] == 0 ? T(0) : rise);
        patch.lit_to[j] = patch.times[j] == 0 ? T(0) : smaller(patch.lit_to[j], to);
        patch.often[j] |= -static_cast<std::int32_t>(patch.times[j] > 1);
    }
}
