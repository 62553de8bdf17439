// A block of cells gathered for the inner loops, and the sums of a day over it.
#pragma once

#include <array>
#include <cstdint>
#include <new>
#include <vector>

#include "eemt/irradiation.hpp"
#include "eemt/irradiation_steps.hpp"

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

template <typename T>
class IrradiationBlock {
  public:
    // Gathers the rows x cols cells from (row0, col0) on.
    IrradiationBlock(const IrradiationInput<T>& input, std::ptrdiff_t row0, std::ptrdiff_t col0,
                     std::ptrdiff_t rows, std::ptrdiff_t cols);

    bool empty() const { return valid_count_ == 0; }
    int padded() const { return padded_; }
    double latitude_rad() const { return latitude_; }
    double convergence_rad() const { return convergence_; }
    double half_latitude_span() const { return half_latitude_span_; }
    double pressure_min() const { return pressure_min_; }
    double pressure_max() const { return pressure_max_; }

    // The cells as the loops take them.
    BlockCells<T> cells() const;
    // Horizon of one direction, in cell order.
    const std::int16_t* sector(std::ptrdiff_t direction) const {
        return horizon_.data() + direction * sector_stride_;
    }
    // Blends the day's turbidity from the maps; no-op without maps.
    void set_turbidity(const IrradiationDay& day);

    // The day's sums, zeroed by start_day.
    void start_day();
    DaySums<T> sums();
    // Adds the day to the group's sums: scales to W h m-2 and makes the reflected part.
    void end_day(double extraterrestrial_w_m2);
    // Writes the group's sums out and zeroes them.
    void write_group(T* sums, std::ptrdiff_t group);

  private:
    enum Field {
        sin_lat,
        cos_lat,
        pole,
        meridian,
        east,
        up,
        fg,
        view,
        pressure,
        linke,
        dc0,
        dc1,
        dc2,
        flat,
        field_count
    };
    enum Sum { beam, diffuse, horizontal, hours, flat_beam, flat_diffuse, clearance, sum_count };

    T* field(Field f) { return fields_.data() + static_cast<std::ptrdiff_t>(f) * stride_; }
    const T* field(Field f) const {
        return fields_.data() + static_cast<std::ptrdiff_t>(f) * stride_;
    }
    T* day(Sum s) { return day_.data() + static_cast<std::ptrdiff_t>(s) * stride_; }

    void gather_cell(int i, std::ptrdiff_t row, std::ptrdiff_t col);
    void gather_horizon();
    void fill_gaps();

    const IrradiationInput<T>& input_;
    std::ptrdiff_t row0_, col0_, rows_, cols_;
    int count_, padded_, valid_count_ = 0, first_valid_ = -1;
    double latitude_ = 0.0, convergence_ = 0.0, half_latitude_span_ = 0.0;
    double pressure_min_ = 0.0, pressure_max_ = 0.0;
    // From one array to the next: a whole block would put all arrays into the same few sets
    // of the first cache, where they would drive each other out; a cache line more spreads
    // them.
    std::ptrdiff_t stride_, sector_stride_;
    CacheLines<T> fields_, day_, group_;
    CacheLines<std::int16_t> horizon_;
    std::vector<char> valid_;
};

}  // namespace eemt
