#include "eemt/energy_year.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "eemt/energy_rows.hpp"
#include "eemt/energy_year_rows.hpp"
#include "eemt/parallel.hpp"
#include "source_planes.hpp"

namespace eemt {
namespace {

// Cells that are worked on at a time, row after row of the window: all that is known of them for
// a month fits into the processor's cache of the second level. A multiple of every loop's step.
constexpr std::ptrdiff_t piece_cells = 2048;
constexpr std::ptrdiff_t room = piece_cells + stretch_step;

struct CellRow : std::vector<float> {
    CellRow() : std::vector<float>(static_cast<std::size_t>(room)) {}
};
struct PlaceRow : std::vector<double> {
    PlaceRow() : std::vector<double>(static_cast<std::size_t>(room)) {}
};

// What one thread needs for its piece.
struct Workspace {
    PlaceRow south, east, latitude, index, line;
    std::vector<Stretch> between_cells, between_nodes;
    CellRow elevation, tmin, tmax, rain, vapour, wind, albedo, hours, total, flat, bio, ppt;
    PlaceRow year_trad, year_topo, year_topo_veg;
};

class YearOfPieces {
  public:
    YearOfPieces(const EnergyYear& year, const EnergyParameters& parameters)
        : year_(year),
          parameters_(parameters),
          sloped_(year.topo.wanted() || year.topo_veg.wanted()),
          rows_(energy_year_rows()),
          terms_(energy_rows_f32()),
          tmin_(year.source, year.source.tmin_c, year.source.tmin_lapse_c_m),
          tmax_(year.source, year.source.tmax_c, year.source.tmax_lapse_c_m),
          rain_(year.source, year.source.precipitation_mm),
          vapour_(year.source, sloped_ ? year.source.vapour_pressure_pa : nullptr),
          wind_(year.source, sloped_ ? year.source.wind_m_s : nullptr) {}

    Workspace workspace() const {
        Workspace w;
        std::fill(w.wind.begin(), w.wind.end(), year_.wind_m_s);
        std::fill(w.albedo.begin(), w.albedo.end(), year_.albedo);
        const auto points = std::max({year_.place.row.values.cols, year_.place.col.values.cols,
                                      year_.day_lengths.latitude_rad.values.cols});
        w.line.resize(static_cast<std::size_t>(std::max(room, points)));
        return w;
    }

    // Cells [first, first + cells); below 0 where the source does not reach over them, else the
    // number of those at the solar ratio's limits.
    std::ptrdiff_t piece(std::ptrdiff_t first, std::ptrdiff_t cells, Workspace& w) const {
        if (!find_places(first, cells, w)) return -1;
        // a copy, as the loops over stretches read a step beyond the piece
        const float* elevation_m = year_.elevation_m.data + first;
        std::copy(elevation_m, elevation_m + cells, w.elevation.begin());
        for (auto* year : {&w.year_trad, &w.year_topo, &w.year_topo_veg}) {
            std::fill(year->begin(), year->end(), 0.0);
        }
        std::ptrdiff_t limited = 0;
        for (std::ptrdiff_t month = 0; month < months_of_year; ++month) {
            climate(month, cells, w);
            if (year_.trad.wanted()) trad(month, first, cells, w);
            if (sloped_) limited += slopes(month, first, cells, w);
        }
        leave(year_.trad, w.year_trad, first, cells);
        leave(year_.topo, w.year_topo, first, cells);
        leave(year_.topo_veg, w.year_topo_veg, first, cells);
        return limited;
    }

  private:
    std::ptrdiff_t month_step() const { return year_.elevation_m.size(); }

    // Calls at the part of each row of the window that lies within the piece:
    // row_of(row, first column, columns, where it begins in the piece).
    template <typename RowOf>
    void over_rows(std::ptrdiff_t first, std::ptrdiff_t cells, const RowOf& row_of) const {
        const auto width = year_.elevation_m.cols;
        for (std::ptrdiff_t done = 0; done < cells;) {
            const auto row = (first + done) / width, col = (first + done) % width;
            const auto count = std::min(width - col, cells - done);
            row_of(row, col, count, done);
            done += count;
        }
    }

    void expand(const LatticeWindow& lattice, std::ptrdiff_t first, std::ptrdiff_t cells,
                PlaceRow& line, PlaceRow& out) const {
        over_rows(
            first, cells,
            [&](std::ptrdiff_t row, std::ptrdiff_t col, std::ptrdiff_t count, std::ptrdiff_t at) {
                const auto points = lattice.values.cols;
                const double* north = lattice.values.data + lattice.row_interval[row] * points;
                rows_.line(north, north + points, lattice.row_part[row], points, line.data());
                rows_.expand(line.data(), lattice.col_interval + col, lattice.col_part + col, count,
                             out.data() + at);
            });
    }

    static void find_stretches(const PlaceRow& index, std::ptrdiff_t cells,
                               std::vector<Stretch>& stretches) {
        stretches.clear();
        std::ptrdiff_t start = 0;
        for (std::ptrdiff_t i = 1; i <= cells; ++i) {
            const auto here = static_cast<std::size_t>(i);
            if (i < cells && index[here] == index[here - 1]) continue;
            stretches.push_back({start, i, static_cast<std::ptrdiff_t>(index[here - 1])});
            start = i;
        }
    }

    bool find_places(std::ptrdiff_t first, std::ptrdiff_t cells, Workspace& w) const {
        const auto& place = year_.place;
        if (place.station) {
            w.between_cells = {{0, cells, 0}};
        } else {
            expand(place.row, first, cells, w.line, w.south);
            expand(place.col, first, cells, w.line, w.east);
            if (!rows_.split(place.row0, place.col0, year_.source.rows, year_.source.cols, cells,
                             w.south.data(), w.east.data(), w.index.data())) {
                return false;
            }
            find_stretches(w.index, cells, w.between_cells);
        }
        if (year_.trad.wanted()) {
            const auto& days = year_.day_lengths;
            expand(days.latitude_rad, first, cells, w.line, w.latitude);
            rows_.nodes(w.latitude.data(), days.step_rad, days.first_node,
                        static_cast<double>(days.nodes - 2), cells, w.index.data());
            find_stretches(w.index, cells, w.between_nodes);
        }
        return true;
    }

    void climate(std::ptrdiff_t month, std::ptrdiff_t cells, Workspace& w) const {
        const BlendPlaces places{w.between_cells.data(),
                                 static_cast<std::ptrdiff_t>(w.between_cells.size()),
                                 w.south.data(), w.east.data()};
        const auto& source = year_.source;
        rows_.temperature(tmin_.month(month), places, w.elevation.data(),
                          source.tmin_lapse_c_m[month], w.tmin.data());
        rows_.temperature(tmax_.month(month), places, w.elevation.data(),
                          source.tmax_lapse_c_m[month], w.tmax.data());
        rows_.amount(rain_.month(month), places, w.rain.data());
        if (!sloped_) return;
        if (!vapour_.empty()) {
            rows_.amount(vapour_.month(month), places, w.vapour.data());
        } else if (source.relative_humidity != nullptr) {
            rows_.humid(w.tmin.data(), w.tmax.data(),
                        static_cast<float>(source.relative_humidity[month]), cells,
                        w.vapour.data());
        } else {
            rows_.saturated(w.tmin.data(), cells, w.vapour.data());
        }
        if (!wind_.empty()) rows_.amount(wind_.month(month), places, w.wind.data());
    }

    MonthSpan span(std::ptrdiff_t month, double solar_days) const {
        return {year_.source.days[month], year_.source.year_days, solar_days};
    }

    void keep(const YearTerms& terms, std::ptrdiff_t month, std::ptrdiff_t first,
              std::ptrdiff_t cells, Workspace& w, PlaceRow& year) const {
        rows_.keep(w.bio.data(), w.ppt.data(), cells,
                   terms.monthly_mj_m2 + month * month_step() + first, year.data(),
                   terms.e_bio_mj_m2 + first, terms.e_ppt_mj_m2 + first);
    }

    void trad(std::ptrdiff_t month, std::ptrdiff_t first, std::ptrdiff_t cells,
              Workspace& w) const {
        const auto& days = year_.day_lengths;
        rows_.between(days.node_rad, days.node_hours + month * days.nodes, w.between_nodes.data(),
                      static_cast<std::ptrdiff_t>(w.between_nodes.size()), w.latitude.data(),
                      w.hours.data());
        // the solar sums' days do not matter here
        terms_.trad({w.tmin.data(), w.tmax.data(), w.rain.data(), w.hours.data()}, cells,
                    span(month, EnergyParameters::unset), parameters_,
                    {w.bio.data(), w.ppt.data()});
        keep(year_.trad, month, first, cells, w, w.year_trad);
    }

    std::ptrdiff_t slopes(std::ptrdiff_t month, std::ptrdiff_t first, std::ptrdiff_t cells,
                          Workspace& w) const {
        const auto& sun = year_.sun;
        const float* beam = sun.beam.from(month, first);
        const float* flat_beam = sun.flat_beam.from(month, first);
        rows_.add(beam, sun.diffuse.from(month, first), sun.reflected.from(month, first), cells,
                  w.total.data());
        if (!sun.ratio_of_beam) {
            rows_.add(flat_beam, sun.flat_diffuse.from(month, first), nullptr, cells,
                      w.flat.data());
        }
        SlopeRow<float> in{};
        in.tmin_c = w.tmin.data();
        in.tmax_c = w.tmax.data();
        in.precipitation_mm = w.rain.data();
        in.vapour_pressure_pa = w.vapour.data();
        in.elevation_m = w.elevation.data();
        in.wetness_ratio = year_.wetness_ratio + first;
        in.solar_topo_wh_m2 = w.total.data();
        in.ratio_topo_wh_m2 = sun.ratio_of_beam ? beam : w.total.data();
        in.ratio_flat_wh_m2 = sun.ratio_of_beam ? flat_beam : w.flat.data();
        in.wind_m_s = w.wind.data();
        in.albedo = w.albedo.data();
        const auto span_here = span(month, sun.days[month]);
        const EnergyRow<float> out{w.bio.data(), w.ppt.data()};
        std::ptrdiff_t limited = 0;
        if (year_.topo.wanted()) {
            in.first = year_.slope_rad + first;
            in.second = year_.aspect_rad + first;
            limited += terms_.topo(in, cells, span_here, parameters_, out);
            keep(year_.topo, month, first, cells, w, w.year_topo);
        }
        if (year_.topo_veg.wanted()) {
            in.first = year_.lai.from(month, first);
            in.second = year_.canopy_height_m + first;
            limited += terms_.topo_veg(in, cells, span_here, parameters_, out);
            keep(year_.topo_veg, month, first, cells, w, w.year_topo_veg);
        }
        return limited;
    }

    static void leave(const YearTerms& terms, const PlaceRow& year, std::ptrdiff_t first,
                      std::ptrdiff_t cells) {
        if (!terms.wanted()) return;
        std::transform(year.begin(), year.begin() + cells, terms.yearly_mj_m2 + first,
                       [](double sum) { return static_cast<float>(sum); });
    }

    const EnergyYear& year_;
    const EnergyParameters& parameters_;
    bool sloped_;
    YearRowFunctions rows_;
    EnergyRowFunctions<float> terms_;
    SourcePlanes tmin_, tmax_, rain_, vapour_, wind_;
};

}  // namespace

std::ptrdiff_t eemt_year(const EnergyYear& year, const EnergyParameters& parameters, int threads) {
    const YearOfPieces work(year, parameters);
    const auto cells = year.elevation_m.size();
    const auto count = (cells + piece_cells - 1) / piece_cells;
    const int workers = worker_count(count, threads);
    std::vector<Workspace> workspaces(static_cast<std::size_t>(workers), work.workspace());
    std::vector<std::ptrdiff_t> limited(static_cast<std::size_t>(count), 0);
    parallel_for_workers(count, workers, [&](std::ptrdiff_t i, int worker) {
        const auto first = i * piece_cells;
        limited[static_cast<std::size_t>(i)] =
            work.piece(first, std::min(piece_cells, cells - first),
                       workspaces[static_cast<std::size_t>(worker)]);
    });
    if (std::any_of(limited.begin(), limited.end(), [](std::ptrdiff_t n) { return n < 0; })) {
        throw std::invalid_argument("the climate does not reach over these cells");
    }
    return std::accumulate(limited.begin(), limited.end(), std::ptrdiff_t{0});
}

}  // namespace eemt
