"""Sensors at the edge: a day of readings becomes a row of an SQLite outbox, in one transaction, for `spark-pdf watch`.

python examples/pipelines/sensors_edge.py out/sensors/outbox.sqlite --stations 12 --day 2026-11-25
spark-pdf watch examples/pipelines/sensors.yaml --once
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import random
import sqlite3
from pathlib import Path
from typing import Any

# Name, unit, limits, mean, swing over a day, noise.
CHANNELS = (
    ("Temperature", "°C", 2.0, 8.0, 4.9, 0.7, 0.12),
    ("Humidity", "%", 60.0, 85.0, 73.0, 3.5, 0.6),
    ("Pressure", "hPa", 980.0, 1040.0, 1012.0, 4.0, 0.5),
)
QUARTERS = 96


def readings(mean: float, swing: float, noise: float, chance: random.Random) -> list[float]:
    """A reading each quarter of an hour; on some days something is left open for an hour."""
    values = [mean + swing * math.sin(2 * math.pi * n / QUARTERS) + chance.gauss(0, noise) for n in range(QUARTERS)]
    if chance.random() < 0.2:
        at = chance.randrange(30, 80)
        for n in range(at, at + 5):
            values[n] += 6 * swing
    return [round(value, 1) for value in values]


def report(station: int, day: datetime.date) -> dict[str, Any]:
    """The record of one station's day: its curves, and when they left what is allowed."""
    chance = random.Random(f"{station} {day}")
    channels, alarms = [], []
    for name, unit, low, high, mean, swing, noise in CHANNELS:
        values = readings(mean, swing, noise, chance)
        channels.append({"name": name, "unit": unit, "low": low, "high": high, "readings": values})
        for number, (before, value) in enumerate(zip([mean, *values], values, strict=False)):
            if low <= before <= high and not low <= value <= high:
                at = datetime.datetime.combine(day, datetime.time(number // 4, number % 4 * 15))
                limit = f"above {high:g} {unit}" if value > high else f"below {low:g} {unit}"
                alarms.append({"at": at.isoformat(), "channel": name, "value": value, "unit": unit, "limit": limit})
    return {
        "report_id": f"store-{station}-{day:%Y%m%d}",
        "station": f"Cold store {station}",
        "site": f"Dairy Brennholm, hall {'ABCD'[station % 4]}",
        "day": day.isoformat(),
        "channels": channels,
        "alarms": alarms,
    }


def main() -> None:
    """Write a day of each station into the outbox."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outbox", type=Path)
    parser.add_argument("--stations", type=int, default=12)
    parser.add_argument("--day", type=datetime.date.fromisoformat, default=datetime.date(2026, 11, 25))
    asked = parser.parse_args()
    asked.outbox.parent.mkdir(parents=True, exist_ok=True)
    outbox = sqlite3.connect(asked.outbox)
    with outbox:
        outbox.execute(
            "CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, payload TEXT NOT NULL, done INTEGER)"
        )
        rows = [(json.dumps(report(station, asked.day)),) for station in range(1, asked.stations + 1)]
        outbox.executemany("INSERT INTO outbox (payload) VALUES (?)", rows)
    outbox.close()


if __name__ == "__main__":
    main()
