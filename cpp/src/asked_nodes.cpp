#include "asked_nodes.hpp"

#include <algorithm>
#include <cmath>

namespace eemt {

template <typename T>
void AskedNodes::choose(const std::vector<SunPathNode<T>>& nodes,
                        const std::vector<std::int16_t>& lowest,
                        const std::vector<std::int16_t>& highest, int patches,
                        double half_latitude_span) {
    const auto width = static_cast<std::size_t>(patches);
    // before the first node and behind the last it is night
    sight_.assign((nodes.size() + 2) * width, nobody);
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        const SunPathNode<T>& node = nodes[k];
        const auto a = static_cast<std::size_t>(node.direction_a / pack_cells) * width;
        const auto b = node.weight_b != 0
                           ? static_cast<std::size_t>(node.direction_b / pack_cells) * width
                           : a;
        // what latitude changes, and two units more, which is above all rounding
        const double span = std::abs(static_cast<double>(node.northward)) * half_latitude_span + 2;
        const double sine = static_cast<double>(node.sine);
        const auto low_sun = static_cast<std::int16_t>(std::max(sine - span, -32767.0));
        const auto high_sun = static_cast<std::int16_t>(std::min(sine + span, 32767.0));
        std::int16_t* sight = sight_.data() + (k + 1) * width;
        for (std::size_t p = 0; p < width; ++p) {
            const std::int16_t low = std::min(lowest[a + p], lowest[b + p]);
            const std::int16_t high = std::max(highest[a + p], highest[b + p]);
            const std::int16_t seen = low_sun > high ? all : some;
            sight[p] = high_sun < low ? nobody : seen;
        }
    }
    ask_.resize(nodes.size() * width);
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        const std::int16_t* sight = sight_.data() + (k + 1) * width;
        std::int16_t* ask = ask_.data() + k * width;
        for (std::size_t p = 0; p < width; ++p) {
            const std::int16_t here = sight[p], before = sight[p - width], after = sight[p + width];
            ask[p] = (here == some) | (here != before) | (here != after);
        }
    }
    counts_.resize(width);
    nodes_.resize(nodes.size() * width);
    for (std::size_t p = 0; p < width; ++p) {
        std::int16_t* list = nodes_.data() + p * nodes.size();
        std::size_t count = 0;
        // written always and kept by counting on: a branch could not be predicted
        for (std::size_t k = 0; k < nodes.size(); ++k) {
            list[count] = static_cast<std::int16_t>(k);
            count += static_cast<std::size_t>(ask_[k * width + p]);
        }
        counts_[p] = static_cast<std::int16_t>(count);
    }
}

template void AskedNodes::choose(const std::vector<SunPathNode<float>>&,
                                 const std::vector<std::int16_t>&, const std::vector<std::int16_t>&,
                                 int, double);
template void AskedNodes::choose(const std::vector<SunPathNode<double>>&,
                                 const std::vector<std::int16_t>&, const std::vector<std::int16_t>&,
                                 int, double);

}  // namespace eemt
