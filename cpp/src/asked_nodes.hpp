// At which nodes of the sun's path the cells of each patch must be asked whether they see it.
#pragma once

#include <cstdint>
#include <vector>

#include "eemt/sunlit_cells.hpp"

namespace eemt {

class AskedNodes {
  public:
    // Chooses by the lowest and highest horizon of each patch, all patches in the first
    // direction, then in the next: the nodes at which some of its cells may see the sun and
    // some not, and the nodes beside them; the first and the last, if they all see it there.
    template <typename T>
    void choose(const std::vector<SunPathNode<T>>& nodes, const std::vector<std::int16_t>& lowest,
                const std::vector<std::int16_t>& highest, int patches, double half_latitude_span);

    // Of each patch: how many, and which ones, with room for all nodes.
    const std::vector<std::int16_t>& counts() const { return counts_; }
    const std::vector<std::int16_t>& nodes() const { return nodes_; }

  private:
    // Who sees the sun at each node, patch by patch.
    static constexpr std::int16_t nobody = 0, some = 1, all = 2;
    std::vector<std::int16_t> sight_;
    std::vector<std::int16_t> ask_;  // 1 or 0, likewise
    std::vector<std::int16_t> counts_, nodes_;
};

}  // namespace eemt
