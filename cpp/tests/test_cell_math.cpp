// The elementary functions of the loops over cells, in float, beside the C library's in double:
// the bounds that cell_math.hpp's users count on.
#include "check.hpp"
#include "eemt/cell_math.hpp"

using namespace eemt;

namespace {

constexpr double half_ulp = 0.5 / 8388608;  // of numbers just above a power of two

// Largest relative error of fast(x) beside exact(x) at many points of [low, high].
template <typename Fast, typename Exact>
double relative_error(double low, double high, const Fast& fast, const Exact& exact) {
    double worst = 0.0;
    constexpr int points = 1000003;
    for (int i = 0; i <= points; ++i) {
        const auto x = static_cast<float>(low + (high - low) * i / points);
        const double right = exact(static_cast<double>(x));
        if (right == 0.0) continue;
        worst = std::max(worst, std::abs(static_cast<double>(fast(x)) - right) / std::abs(right));
    }
    return worst;
}

}  // namespace

int main() {
    const auto fast_exp = [](float x) { return cell_exp(x); };
    const auto exact_exp = [](double x) { return std::exp(x); };
    // the fit's 1.7e-8, the roundings of its last two steps and of the reduced argument
    CHECK(relative_error(-87.0, 88.0, fast_exp, exact_exp) < 3 * half_ulp);
    CHECK(relative_error(-1.0, 1.0, fast_exp, exact_exp) < 3 * half_ulp);
    CHECK(cell_exp(-1e4f) < 2e-38f && cell_exp(-1e4f) > 0.0f && cell_exp(1e4f) > 1e38f);

    const auto fast_log = [](float x) { return cell_log(x); };
    const auto exact_log = [](double x) { return std::log(x); };
    CHECK(relative_error(1e-30, 0.7, fast_log, exact_log) < 3 * half_ulp);
    CHECK(relative_error(0.7, 1.4, fast_log, exact_log) < 4 * half_ulp);
    CHECK(relative_error(1.4, 1e6, fast_log, exact_log) < 3 * half_ulp);
    CHECK(cell_log(0.0f) < -87.0f && std::isfinite(cell_log(0.0f)));

    const auto fast_sin = [](float x) { return cell_sin(x); };
    const auto exact_sin = [](double x) { return std::sin(x); };
    CHECK(relative_error(-1.57, 1.57, fast_sin, exact_sin) < 4 * half_ulp);
    // beyond the first zero what counts is the absolute error: the reduced argument's
    for (int i = -100000; i < 100000; ++i) {
        const float x = 0.01f * static_cast<float>(i);
        CHECK(std::abs(static_cast<double>(cell_sin(x)) - std::sin(static_cast<double>(x))) < 3e-7);
    }
    for (int i = 0; i < 630000; ++i) {
        const float x = 1e-5f * static_cast<float>(i);
        CHECK(std::abs(static_cast<double>(cell_cos(x)) - std::cos(static_cast<double>(x))) < 5e-7);
    }

    const auto fast_atan = [](float x) { return cell_atan(x); };
    const auto exact_atan = [](double x) { return std::atan(x); };
    CHECK(relative_error(0.0, 1.0, fast_atan, exact_atan) < 4 * half_ulp);
    CHECK(relative_error(1.0, 1e4, fast_atan, exact_atan) < 4 * half_ulp);

    for (const float p : {0.1f, 0.38f, 1.0f}) {
        const auto fast = [p](float x) { return power_of_one_plus_less_one(x, p); };
        const auto exact = [p](double x) {
            return std::expm1(std::log1p(x) * static_cast<double>(p));
        };
        CHECK(relative_error(0.0, 1.0, fast, exact) < 7 * half_ulp);
        CHECK(relative_error(0.0, 1e-6, fast, exact) < 6 * half_ulp);
    }
}
