// One worker's sweep over the scan lines of one direction; see horizon.hpp for the
// method. Lines are taken in blocks of neighbours and marched side by side, one
// major index at a time, from the far end to the near edge of the core window:
//
//   march        sample the block's lines at u, find what the samples see, put them on
//                the lines' hulls                              (horizon_hulls.hpp)
//   resolve_row  angles of the cells between the lines         (horizon_rows.hpp)
//
// Nothing that reaches a cell depends on how lines fall into blocks or on how much
// of the DEM beyond the terrain in reach is held: tiles get the bits of the whole.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "eemt/horizon.hpp"
#include "eemt/horizon_hulls.hpp"
#include "eemt/horizon_rows.hpp"
#include "eemt/scan_lines.hpp"

namespace eemt {

template <typename T>
class HorizonSweep {
  public:
    static constexpr int lanes = horizon_lanes;

    HorizonSweep(const PaddedGrid<T>& by_row, const PaddedGrid<T>& by_col,
                 const std::vector<FarLevel<T>>& far_field, const HorizonOptions& options);

    // Fills the plane (window rows, window cols) of direction `index`.
    void run(int index, std::int16_t* plane);

  private:
    void prepare(int index);
    void place_own_lines();
    void sweep_block(std::ptrdiff_t k0, std::int16_t* plane);
    void start_hulls(std::ptrdiff_t k0);
    bool in_reach(std::ptrdiff_t k0, std::ptrdiff_t u) const;
    bool in_core(std::ptrdiff_t k0, std::ptrdiff_t u) const;
    void prefetch_row(std::ptrdiff_t k0, std::ptrdiff_t u) const;
    LineHulls<T> hulls();
    void march(std::ptrdiff_t k0, std::ptrdiff_t u);
    void resolve_row(std::ptrdiff_t k0, std::ptrdiff_t u, std::int16_t* plane);
    std::ptrdiff_t along(std::ptrdiff_t i) const {  // i-th major index in the look direction
        return direction_.sign > 0 ? i : grid_->major() - 1 - i;
    }
    std::ptrdiff_t shift(std::ptrdiff_t u) const {
        return lines_.shift[static_cast<std::size_t>(u)];
    }

    const PaddedGrid<T>& by_row_;
    const PaddedGrid<T>& by_col_;
    const std::vector<FarLevel<T>>& far_field_;
    const HorizonOptions& options_;
    double reach_m_;
    HullFunctions<T> hull_functions_;
    ResolveHorizonRow<T> resolve_;

    // of the direction
    const PaddedGrid<T>* grid_ = nullptr;
    ScanDirection direction_;
    ShiftTable<T> lines_;            // by u: where the lines cross it
    ShiftTable<T> shifts_;           // by steps: where a cell's own line crosses u + steps
    std::vector<std::int32_t> way_;  // by steps: to a cell's own line, in elements of the grid
    std::vector<OwnLinePoint<T>> own_;
    std::vector<T> per_distance_;                       // by steps: 1 / distance [m-1]
    T sink_per_step_ = T(0);                            // of the tangent, by curvature
    std::ptrdiff_t u0_ = 0, u1_ = 0, v0_ = 0, v1_ = 0;  // core window

    // of the block
    std::vector<T> positions_, elevations_m_, slopes_;  // the lines' hulls, one after the other
    std::ptrdiff_t hull_stride_ = 0;
    std::array<std::int32_t, lanes> depth_{};
    std::array<T, lanes> last_fine_{};
    SkylineSteps seen_{};
    SkylineElevations<T> seen_m_{};
    std::vector<CarriedSkyline<T>> carried_;  // by u: of the block's last line
    std::vector<LineSample<T>> far_;
};

}  // namespace eemt
