// A block of cells gathered for the inner loops, and its sums over a group of days (one of
// IrradiationDay::group).
#pragma once

#include <cstdint>
#include <new>
#include <vector>

#include "eemt/block_order.hpp"
#include "eemt/irradiation.hpp"

namespace eemt {

// Memory that starts on a cache line, so that no vector straddles two.
template <typename T>
struct CacheLineAllocator {
    using value_type = T;
    static constexpr std::align_val_t line{64};

    CacheLineAllocator() = default;
    template <typename U>
    CacheLineAllocator(const CacheLineAllocator<U>&) {}
    T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), line)); }
    void deallocate(T* p, std::size_t) { ::operator delete(p, line); }
    bool operator==(const CacheLineAllocator&) const { return true; }
};
template <typename T>
using CacheLines = std::vector<T, CacheLineAllocator<T>>;

// How far apart to put arrays of `length` values each. At distances that are powers of two, as a
// whole block's, their elements would share few places in the first cache and drive each other
// out; one cache line more spreads them.
template <typename T>
constexpr std::ptrdiff_t spread_stride(std::ptrdiff_t length) {
    return length + 64 / static_cast<std::ptrdiff_t>(sizeof(T));
}

template <typename T>
class IrradiationBlock {
  public:
    // What is known of each cell.
    enum Field {
        sin_latitude,
        cos_latitude,
        latitude_offset,  // from the block's latitude [rad]
        normal_pole,
        normal_meridian,
        normal_east,
        normal_up,
        muneer_slope,  // sin g - g cos g - pi sin^2(g/2)
        sky_view,
        scale_heights,  // elevation in pressure_scale_height_m
        level,          // 1 where the cell is horizontal
        field_count
    };

    // Gathers the rows x cols cells from (row0, col0) on.
    IrradiationBlock(const IrradiationInput<T>& input, std::ptrdiff_t row0, std::ptrdiff_t col0,
                     std::ptrdiff_t rows, std::ptrdiff_t cols);

    bool empty() const { return valid_count_ == 0; }
    int padded() const { return padded_; }
    double latitude_rad() const { return latitude_; }
    double convergence_rad() const { return convergence_; }
    double half_latitude_span() const { return half_latitude_span_; }

    const T* field(Field f) const {
        return fields_.data() + static_cast<std::ptrdiff_t>(f) * stride_;
    }
    // Horizon in one direction of the first pack's cells; the next pack's lies
    // directions * pack_cells further on.
    const std::int16_t* horizon_towards(std::ptrdiff_t direction) const {
        return horizon_.data() + direction * pack_cells;
    }

    // The lowest and the highest horizon of each patch's cells: all patches in the first
    // direction, then in the next.
    const std::vector<std::int16_t>& lowest_horizon() const { return lowest_; }
    const std::vector<std::int16_t>& highest_horizon() const { return highest_; }
    int patches() const { return (padded_ + patch_cells - 1) / patch_cells; }

    // Turbidity of the day at each cell, blended from the maps.
    void read_linke(const IrradiationDay& day, T* linke) const;

    // The group's sum of a component, to be added to.
    T* group(Component component) {
        return group_.data() + static_cast<std::ptrdiff_t>(component) * stride_;
    }
    // Writes the group's sums out, NaN where a cell misses anything, and zeroes them.
    void write_group(T* sums, std::ptrdiff_t group);

  private:
    T* values_of(Field f) { return fields_.data() + static_cast<std::ptrdiff_t>(f) * stride_; }
    std::ptrdiff_t index(int cell) const { return index_[static_cast<std::size_t>(cell)]; }

    void gather_cell(int i);
    void gather_horizon();
    void find_centre();
    void fill_gaps();

    const IrradiationInput<T>& input_;
    int count_, padded_, valid_count_ = 0, first_valid_ = -1;
    double latitude_ = 0.0, convergence_ = 0.0, half_latitude_span_ = 0.0;
    std::ptrdiff_t stride_;
    CacheLines<T> fields_, group_;
    CacheLines<std::int16_t> horizon_;
    std::vector<std::int16_t> lowest_, highest_;
    std::vector<std::ptrdiff_t> index_;  // in the grid, of each cell
    struct Run {                         // of cells that follow each other in the grid as well
        std::ptrdiff_t at;
        int first, count;
    };
    std::vector<Run> runs_;
    std::vector<char> valid_;
};

}  // namespace eemt
