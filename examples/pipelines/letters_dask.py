"""A model trained and applied with Dask, and a letter for each customer whose contract ends.

python examples/pipelines/letters_dask.py --customers 2000 --run-id 2026-11

Who is likely to leave is offered a better price; everybody else is told that nothing changes. The model is a logistic
regression over four features, fitted by Newton's steps: each a sum over partitions, which Dask adds up.
"""

from __future__ import annotations

import argparse
import datetime
import json
from decimal import Decimal
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd

from spark_pdf.config import load_config
from spark_pdf.engines.dask import run_frame

TODAY = datetime.date(2026, 11, 26)
ENDS = datetime.date(2027, 2, 28)
FEATURES = ["one", "years", "calls", "price"]
STREETS = ("Vestergade", "Havnegade", "Skolegade", "Kirkevej", "Strandvej", "Algade")
TOWNS = (("5000", "Odense C"), ("8000", "Aarhus C"), ("9000", "Aalborg"), ("6700", "Esbjerg"), ("7100", "Vejle"))
FIRST = ("Ingeborg", "Søren", "Karla", "Mikkel", "Astrid", "Jens", "Ellen", "Oskar")
LAST = ("Thomsen", "Østergaard", "Lund", "Nørgaard", "Holm", "Dahl", "Møller", "Bruun")


def customers(count: int, seed: int) -> pd.DataFrame:
    """Customers, and of each whether it left in the past: what a warehouse would have."""
    chance = np.random.default_rng(seed)
    years = chance.integers(1, 15, count)
    calls = chance.poisson(1.2, count)
    price = np.round(chance.normal(60, 12, count).clip(25, 120), 2)
    leaves = 1 / (1 + np.exp(-(-2.2 - 0.12 * years + 0.55 * calls + 0.03 * (price - 60))))
    return pd.DataFrame(
        {
            "number": np.arange(count) + 200_000,
            "one": 1.0,
            "years": years.astype(float),
            "calls": calls.astype(float),
            "price": price,
            "left": (chance.random(count) < leaves).astype(float),
        }
    )


def chance_to_leave(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The model: one probability a row."""
    return np.asarray(1 / (1 + np.exp(-(features * weights).sum(axis=1))))


def step(part: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    """What one partition adds to a Newton step: a gradient, and a matrix of second derivatives."""
    features = part[FEATURES].to_numpy()
    likely = chance_to_leave(features, weights)
    gradient = ((part["left"].to_numpy() - likely)[:, None] * features).sum(axis=0)
    spread = likely * (1 - likely)
    second = [(spread * features[:, i] * features[:, j]).sum() for i in range(4) for j in range(4)]
    return pd.DataFrame([[*gradient, *second]], columns=[str(n) for n in range(20)])


def train(history: dd.DataFrame) -> np.ndarray:
    """Weights of the features."""
    weights = np.zeros(len(FEATURES))
    meta = {str(n): "f8" for n in range(20)}
    for _ in range(6):
        sums = history.map_partitions(step, weights, meta=meta).sum().compute().to_numpy()
        weights = weights + np.linalg.solve(sums[4:].reshape(4, 4), sums[:4])
    return weights


def letter(row: dict[str, Any]) -> dict[str, Any]:
    """The record of one customer."""
    number = int(row["number"])
    first, last = FIRST[number % 8], LAST[number // 8 % 8]
    postcode, town = TOWNS[number % 5]
    price = Decimal(str(row["price"])).quantize(Decimal("0.01"))
    # Ten per cent at the most; nothing to those who stay anyway.
    share = Decimal("0.90") if row["leaves"] > 0.3 else Decimal("0.95") if row["leaves"] > 0.15 else Decimal(1)
    return {
        "customer_id": f"K-{number}",
        "contract": f"N-{2026 - int(row['years'])}-{number}",
        "name": f"{first} {last}",
        "street": f"{STREETS[number % 6]} {number % 90 + 1}",
        "postcode": postcode,
        "town": town,
        "salutation": f"Dear {first} {last}",
        "written": TODAY,
        "since": datetime.date(2027 - int(row["years"]), 3, 1),
        "ends": ENDS,
        "answer_by": datetime.date(2026, 12, 31),
        "product": "electricity",
        "price": price,
        "offer": (price * share).quantize(Decimal("0.01")),
    }


def main() -> None:
    """Train, apply, render, commit; one JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--run-id", default=f"letters-{TODAY:%Y-%m}")
    parser.add_argument("--set", action="append", default=[], dest="sets", help="a setting of the config")
    asked = parser.parse_args()
    weights = train(dd.from_pandas(customers(20_000, seed=1), npartitions=8))
    scored = dd.from_pandas(customers(asked.customers, seed=2).drop(columns="left"), npartitions=8)
    scored = scored.map_partitions(lambda part: part.assign(leaves=chance_to_leave(part[FEATURES].to_numpy(), weights)))
    letters = scored.to_bag(format="dict").map(letter)
    result = run_frame(letters, load_config(["examples/pipelines/letters.yaml"], asked.sets), asked.run_id)
    print(json.dumps(result.to_json()))


if __name__ == "__main__":
    main()
