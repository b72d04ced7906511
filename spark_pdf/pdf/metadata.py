"""What a document says of itself: the information dictionary and the language (ISO 32000-1, 14.3.3, 14.9.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import spark_pdf
from spark_pdf.pdf.strings import Text


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a caller says of a document; empty values are the document's own (`<title>`, `<meta>`, `lang`).

    There is no creation date unless one is given: the same record gives the same bytes at any time.
    """

    title: str = ""
    author: str = ""
    subject: str = ""
    keywords: str = ""
    creator: str = ""
    language: str = ""
    created: datetime | None = None
    modified: datetime | None = None

    def over(self, other: Metadata) -> Metadata:
        """These values, and those of `other` where they are empty."""
        return Metadata(
            self.title or other.title,
            self.author or other.author,
            self.subject or other.subject,
            self.keywords or other.keywords,
            self.creator or other.creator,
            self.language or other.language,
            self.created or other.created,
            self.modified or other.modified,
        )

    def info(self) -> dict[str, Any]:
        """Entries of the information dictionary, for the writer."""
        return {
            "Title": Text(self.title) if self.title else None,
            "Author": Text(self.author) if self.author else None,
            "Subject": Text(self.subject) if self.subject else None,
            "Keywords": Text(self.keywords) if self.keywords else None,
            "Creator": Text(self.creator) if self.creator else None,
            "Producer": Text(f"spark_pdf {spark_pdf.__version__}"),
            "CreationDate": Text(pdf_date(self.created)) if self.created else None,
            "ModDate": Text(pdf_date(self.modified)) if self.modified else None,
        }


NO_METADATA = Metadata()


def own_metadata(title: str, language: str, meta: Mapping[str, str]) -> Metadata:
    """What an HTML document says of itself, by the names that HTML gives to `<meta>` (4.2.5.1)."""
    return Metadata(
        title,
        meta.get("author", ""),
        meta.get("description", ""),
        meta.get("keywords", ""),
        meta.get("generator", ""),
        language,
        w3c_date(meta.get("dcterms.created", "")),
        w3c_date(meta.get("dcterms.modified", "")),
    )


_W3C_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:(Z)|([+-])(\d\d):(\d\d))?)?)?)?"
)


def w3c_date(text: str) -> datetime | None:
    """A date as W3C's note on date and time formats has it: from a year alone to seconds with a zone; else None."""
    found = _W3C_DATE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, _, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        return datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
        )
    except ValueError:
        return None


def pdf_date(moment: datetime) -> str:
    """A date as PDF writes it (7.9.4), in UTC. A naive one counts as UTC, so that no machine's time zone enters."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return aware.astimezone(timezone.utc).strftime("D:%Y%m%d%H%M%SZ")
