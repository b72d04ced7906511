"""Monte Carlo on Ray, and a risk report for each portfolio.

python examples/pipelines/risk_ray.py --portfolios 200 --run-id 2026-10

Each portfolio has a seed of its own, so a portfolio that is simulated again, anywhere, gives the same report.
"""

from __future__ import annotations

import argparse
import datetime
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import ray

from spark_pdf.config import load_config
from spark_pdf.engines.ray import run_dataset

AS_OF = datetime.date(2026, 10, 30)
DAYS = 20
PATHS = 20_000
# Name, kind, mean and volatility of a year's return, how far it follows the market.
ASSETS = (
    ("Euro government bonds", "Bonds", 0.022, 0.055, -0.1),
    ("Euro corporate bonds", "Bonds", 0.034, 0.062, 0.3),
    ("Emerging market bonds", "Bonds", 0.051, 0.110, 0.5),
    ("Shares Europe", "Shares", 0.062, 0.170, 0.9),
    ("Shares North America", "Shares", 0.068, 0.165, 0.9),
    ("Shares emerging markets", "Shares", 0.074, 0.215, 0.8),
    ("Listed infrastructure", "Real assets", 0.055, 0.140, 0.7),
    ("Gold", "Commodities", 0.030, 0.150, 0.0),
    ("Cash", "Money market", 0.021, 0.004, 0.0),
)
MONEY = pa.decimal128(16, 2)
SCHEMA = pa.schema(
    [
        ("portfolio_id", pa.string()),
        ("name", pa.string()),
        ("as_of", pa.date32()),
        ("horizon_days", pa.int32()),
        ("paths", pa.int32()),
        ("seed", pa.int32()),
        *((name, MONEY) for name in ("value", "expected", "var_95", "var_99", "shortfall_95")),
        ("var_95_percent", pa.float64()),
        ("var_99_percent", pa.float64()),
        ("bins", pa.list_(pa.struct([("low", pa.float64()), ("high", pa.float64()), ("count", pa.int32())]))),
        (
            "positions",
            pa.list_(pa.struct([("name", pa.string()), ("kind", pa.string()), ("value", MONEY), ("component", MONEY)])),
        ),
    ]
)


def money(amount: float) -> Decimal:
    """Whole euros: far from where the last bits of floating point would show."""
    return Decimal(round(float(amount))).quantize(Decimal("0.01"))


def simulate(number: int) -> dict[str, Any]:
    """The record of one portfolio: one factor for the market, and each position's own."""
    chance = np.random.default_rng(number)
    held = [ASSETS[i] for i in sorted(chance.choice(len(ASSETS), size=chance.integers(5, 9), replace=False))]
    values = [money(1000 * thousands) for thousands in chance.integers(500, 40_000, size=len(held))]
    years = DAYS / 250
    market = chance.standard_normal(PATHS)
    results = []
    for value, (_, _, mean, volatility, follows) in zip(values, held, strict=True):
        own = chance.standard_normal(PATHS)
        moves = follows * market + (1 - follows**2) ** 0.5 * own
        results.append(float(value) * (mean * years + volatility * years**0.5 * moves))
    total = np.sum(results, axis=0)
    order = np.argsort(total)
    worst = order[: PATHS // 20]
    value = sum(values, Decimal())
    var_95, var_99 = (money(-total[order[PATHS // share]]) for share in (20, 100))
    losses = [-float(np.mean(result[worst])) for result in results]
    components = [money(float(var_95) * loss / sum(losses)) for loss in losses]
    components[-1] += var_95 - sum(components, Decimal())
    percent = 100 * total / float(value)
    low, high = np.floor(percent.min() * 2) / 2, np.ceil(percent.max() * 2) / 2
    counts, edges = np.histogram(percent, bins=max(round((high - low) * 2), 1), range=(low, high))
    return {
        "portfolio_id": f"PF-{number:05d}",
        "name": f"Halden Portfolio {number}",
        "as_of": AS_OF,
        "horizon_days": DAYS,
        "paths": PATHS,
        "seed": number,
        "value": value,
        "expected": money(total.mean()),
        "var_95": var_95,
        "var_99": var_99,
        "shortfall_95": money(sum(losses)),
        "var_95_percent": round(100 * float(var_95 / value), 3),
        "var_99_percent": round(100 * float(var_99 / value), 3),
        "bins": [
            {"low": round(float(a), 2), "high": round(float(b), 2), "count": int(count)}
            for a, b, count in zip(edges[:-1], edges[1:], counts, strict=True)
        ],
        "positions": [
            {"name": name, "kind": kind, "value": held_value, "component": component}
            for (name, kind, *_), held_value, component in zip(held, values, components, strict=True)
        ],
    }


def batch(numbers: dict[str, Any]) -> pa.Table:
    """The records of some portfolios, for `map_batches`."""
    return pa.Table.from_pylist([simulate(int(number)) for number in numbers["item"]], SCHEMA)


def main() -> None:
    """Simulate, render, commit; one JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portfolios", type=int, default=200)
    parser.add_argument("--run-id", default=f"risk-{AS_OF:%Y-%m}")
    parser.add_argument("--set", action="append", default=[], dest="sets", help="a setting of the config")
    asked = parser.parse_args()
    numbers = ray.data.from_items(list(range(1, asked.portfolios + 1)))
    config = load_config(["examples/pipelines/risk.yaml"], asked.sets)
    result = run_dataset(numbers.map_batches(batch, batch_size=20), config, asked.run_id)
    print(json.dumps(result.to_json()))


if __name__ == "__main__":
    main()
