"""PERF-10: the supervisor's page over five years and 50,000 fictional contacts, on SQLite in a file.

`python -m bench.stats [contacts]` prints one JSON line per period: median and worst of five runs, in seconds.
"""

import json
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from backend.db.session import Database
from backend.db.tables import metadata
from backend.kit import times
from backend.stats import queries, sample, weeks
from backend.stats.facts import Names


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    now = times.now()
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        metadata.create_all(db.engine)
        start = time.perf_counter()
        db.write_now(partial(sample.insert_sample, n=count, now=now))
        print(json.dumps({"contacts": count, "sample_written_s": round(time.perf_counter() - start, 2)}))
        for span in (4, 12, 52, 260, 300):
            since, until = weeks.last_weeks(now, span)
            runs = []
            for _ in range(5):
                start = time.perf_counter()
                found = db.read_now(partial(queries.period_figures, since=since, until=until, names=Names(), now=now))
                runs.append(time.perf_counter() - start)
            print(
                json.dumps(
                    {
                        "weeks": span,
                        "contacts": found.tiles[0].value.replace("\u202f", ""),
                        "median_s": round(statistics.median(runs), 3),
                        "worst_s": round(max(runs), 3),
                    }
                )
            )
        start = time.perf_counter()
        db.read_now(partial(queries.now_figures, now=now))
        print(json.dumps({"now_s": round(time.perf_counter() - start, 3)}))
        db.close()


if __name__ == "__main__":
    main()
