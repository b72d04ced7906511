"""Invoices by HTTP: what a shop does when an order is placed.

BROKER=amqp://guest:guest@127.0.0.1:5672// and SHOP_KEY, twenty characters or more, are in the environment of all four:
spark-pdf queue worker conf/service.yaml
spark-pdf queue compact conf/service.yaml
spark-pdf serve conf/service.yaml
python examples/pipelines/web_service.py --url http://127.0.0.1:8080 --orders 20 --to out/web_service

The order's number is the idempotency key: a shop that tries again, because it did not hear an answer, gets the same
invoice.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

GOODS = (
    ("burnished steel bracket", "Brand#23", "18.40"),
    ("anodized brass hinge", "Brand#11", "7.95"),
    ("polished copper elbow", "Brand#34", "12.10"),
    ("plated tin washer, 100", "Brand#45", "3.60"),
)


def order(number: int) -> dict[str, Any]:
    """An order as JSON has it; the bundle's `[types]` say which texts are decimals and dates."""
    chance = random.Random(number)
    lines, total = [], 0
    for position in range(1, chance.randint(2, 6)):
        part, brand, price = chance.choice(GOODS)
        quantity = chance.randint(1, 40)
        cents = quantity * round(100 * float(price))
        total += cents + cents * 8 // 100
        lines.append(
            {
                "l_linenumber": position, "part": part, "brand": brand, "quantity": f"{quantity}.00",
                "price": f"{cents // 100}.{cents % 100:02d}", "discount": "0.00", "tax": "0.08",
                "shipdate": "2026-11-27", "shipmode": "TRUCK",
            }
        )  # fmt: skip
    customer = {
        "c_custkey": 1000 + number % 50, "c_name": f"Customer {number % 50}", "c_address": "12 Mill Lane",
        "c_phone": "+1 510 555 0100", "c_mktsegment": "MACHINERY", "nation": "UNITED STATES",
    }  # fmt: skip
    return {
        "o_orderkey": number, "o_orderdate": "2026-11-26", "o_orderpriority": "3-MEDIUM", "o_clerk": "Clerk#000000007",
        "o_totalprice": f"{total // 100}.{total % 100:02d}", "customer": customer, "lines": lines,
    }  # fmt: skip


class Shop:
    """Somebody who asks the service, on one connection."""

    def __init__(self, url: str, key: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}"}

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> bytes:
        """The answer's body. A service that is busy says when to come again."""
        for _ in range(20):
            data = None if body is None else json.dumps(body)
            self._connection.request(method, path, data, {**self._headers, **headers})
            response = self._connection.getresponse()
            answer = response.read()
            if response.status < 300:
                return answer
            if response.status not in (429, 503):
                break
            time.sleep(min(float(response.headers.get("Retry-After", "1")), 10))
        raise SystemExit(f"web_service: {method} {path} ended with {response.status}: {answer.decode()[:300]}")

    def submit(self, number: int) -> str:
        """Hand in an order; the id of its invoice."""
        answer = self.ask("POST", "/v1/documents", order(number), **{"Idempotency-Key": str(number)})
        return str(json.loads(answer)["id"])

    def invoice(self, name: str) -> bytes:
        """The PDF, when it is there."""
        while True:
            state = json.loads(self.ask("GET", f"/v1/documents/{name}?wait=20"))["state"]
            if state == "document":
                return self.ask("GET", f"/v1/documents/{name}/pdf")
            if state != "accepted":
                raise SystemExit(f"web_service: invoice {name} is a {state}")


def main() -> None:
    """Submit all, then fetch all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--to", type=Path, default=Path("out/web_service"))
    asked = parser.parse_args()
    key = os.environ.get("SHOP_KEY")
    if not key:
        sys.exit("web_service: SHOP_KEY is not set: the key that conf/service.yaml asks of the tenant `shop`")
    shop = Shop(asked.url, key)
    began = time.monotonic()
    names = [shop.submit(1 + number) for number in range(asked.orders)]
    asked.to.mkdir(parents=True, exist_ok=True)
    for name in names:
        (asked.to / f"{name}.pdf").write_bytes(shop.invoice(name))
    print(f"{len(names)} invoices in {time.monotonic() - began:.1f} s: {asked.to}")


if __name__ == "__main__":
    main()
