"""Records for the comparison with peers: made from a seed, so that each run and each peer gets the same."""

from __future__ import annotations

import random
from typing import Any

_NOUNS = [
    "valve",
    "bearing",
    "gasket",
    "bracket",
    "sensor",
    "hinge",
    "coupling",
    "spring",
    "washer",
    "filter",
    "relay",
    "socket",
    "lever",
    "pulley",
    "damper",
]
_WORDS = [
    "steel",
    "brass",
    "sealed",
    "heavy",
    "precision",
    "compact",
    "double",
    "threaded",
    "galvanized",
    "ceramic",
    "flexible",
    "marine",
    "polished",
]
_NAMES = [
    "Albrecht",
    "Benoît",
    "Çelik",
    "Dvořák",
    "Eriksson",
    "Fernández",
    "Grünwald",
    "Håkansson",
    "Ibáñez",
    "Jørgensen",
    "Kowalski",
    "Lefèvre",
]
_STREETS = ["Harbour", "Mill", "Station", "Garden", "Church", "Market", "Bridge", "Castle", "Meadow", "Orchard"]
_CITIES = ["Köln", "Łódź", "Málaga", "Göteborg", "Genève", "Brno", "Århus", "Besançon", "Graz", "Porto"]
TERMS = (
    "Goods remain our property until they are paid for in full. Claims about quantity or condition reach us within "
    "eight days of delivery. Late payments bear interest of 1.0 % per month. The place of jurisdiction is the seat of "
    "the seller. Thank you very much for your order and for your confidence."
)


def records(kind: str, count: int, seed: int = 1) -> list[dict[str, Any]]:
    """`count` invoices (6-14 lines) or statements (40-300 lines), money as text, as all peers print it."""
    source = random.Random(f"{kind} {seed}")
    low, high = (6, 14) if kind == "invoice" else (40, 300)
    return [_record(source, kind, source.randint(low, high)) for _ in range(count)]


def _record(source: random.Random, kind: str, length: int) -> dict[str, Any]:
    lines, net = [], 0
    for position in range(1, length + 1):
        quantity, price = source.randint(1, 60), source.randint(99, 99999)
        net += quantity * price
        words = [source.choice(_WORDS) for _ in range(source.randint(1, 3))]
        text = f"{' '.join(words).capitalize()} {source.choice(_NOUNS)} {source.randint(100, 9999)}"
        lines.append({
            "position": str(position), "text": text, "quantity": str(quantity), "price": _money(price),
            "amount": _money(quantity * price),
        })  # fmt: skip
    vat = round(net * 0.19)
    day = source.randint(10, 28)
    return {
        "kind": kind.capitalize(), "number": f"{source.randint(2020, 2026)}-{source.randint(100000, 999999)}",
        "date": f"2026-11-{day}", "due": f"2026-12-{day}", "customer": str(source.randint(10000, 99999)),
        "seller": {"name": "Meridian Parts Supply GmbH", "street": "Hafenstraße 11", "city": "20457 Hamburg"},
        "buyer": {
            "name": f"{source.choice(_NAMES)} & {source.choice(_NAMES)}",
            "street": f"{source.choice(_STREETS)} Street {source.randint(1, 200)}",
            "city": f"{source.randint(10000, 99999)} {source.choice(_CITIES)}",
        },
        "lines": lines, "net": _money(net), "vat": _money(vat), "total": _money(net + vat), "terms": TERMS,
    }  # fmt: skip


def _money(cents: int) -> str:
    return f"{cents / 100:,.2f} €"
