from __future__ import annotations

import pytest

from benchbench.rounding import decimals, number, scale


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (43.6178, 43.1, 44.1, "43.6"),  # half a millisecond of doubt: tenths mean something
        (43.6178, 42.4, 44.8, "43.6"),  # 1.2: one digit more, because it begins with a 1
        (43.6178, 38.0, 49.0, "44"),
        (1234.5, 1100.0, 1400.0, "1,230"),
        (0.81372, 0.78, 0.84, "0.81"),
        (2.06, 0.5, 90.0, "2"),  # a time is never shown as none
        (0.0206, 0.001, 0.9, "0.02"),
        (1.0, 1.0, 1.0, "1.00"),  # an interval without width says nothing about digits
    ],
)
def test_a_number_has_the_digits_that_its_interval_supports(value, low, high, shown):
    assert number(value, decimals(value, low, high)) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (-0.0001, "-0.000100"), (123456.0, "123,000"), (9.876, "9.88")]
)
def test_a_number_without_interval_has_three_significant_digits(value, shown):
    assert number(value, decimals(value)) == shown


def test_rounding_to_nothing_is_not_minus_nothing():
    assert number(-0.04, 1) == "0.0"


@pytest.mark.parametrize(
    ("quantity", "values", "expected"),
    [
        ("weight_bytes", [204e6, 438e6], "MB"),
        ("flops", [7.4e9, 22.3e9], "GFLOP"),
        ("latency_p50", [0.02, 0.04], "µs"),
        ("latency_p50", [43.0, 200.0], "ms"),
        ("parameters", [51_091_202], "M"),
        ("speedup", [2.1], "×"),
        ("accuracy", [0.8], ""),
        ("flops_share", [0.8], "%"),
        ("energy_per_example", [], "µJ"),
    ],
)
def test_units_keep_numbers_short(quantity, values, expected):
    found = scale(quantity, values)
    if values:
        assert found.unit == expected
