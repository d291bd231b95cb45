"""Reads Stripe into a DuckDB file with PyAirbyte and the built connector: check, discover, read.

    npm ci && npm run build
    python3 -m venv .venv && .venv/bin/pip install -r integration_tests/pyairbyte/requirements.txt
    STRIPE_API_KEY=rk_live_... .venv/bin/python integration_tests/pyairbyte/drive.py --api-key-env STRIPE_API_KEY

Python 3.10 to 3.12. Run it again with the same --database and it reads what is new. The key is taken from the
environment, never from the command line, and PyAirbyte's telemetry and its look-up in Airbyte's registry are off.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

# PyAirbyte reads these when it is imported.
os.environ["DO_NOT_TRACK"] = "1"
os.environ["AIRBYTE_OFFLINE_MODE"] = "1"
os.environ["AIRBYTE_LOCAL_REGISTRY"] = "0"
os.environ.setdefault("AIRBYTE_PROJECT_DIR", str(Path(tempfile.gettempdir()) / "source-stripe-pyairbyte"))
os.environ.setdefault("AIRBYTE_LOGGING_ROOT", str(Path(os.environ["AIRBYTE_PROJECT_DIR"]) / "logs"))

import airbyte as ab  # noqa: E402

CONNECTOR = Path(__file__).resolve().parents[2] / "dist" / "main.js"
SCHEMA = "main"


def main() -> None:
    options = parse_options()
    source = ab.get_source("source-stripe", local_executable=CONNECTOR, config=config_of(options))
    database = Path(options.database).absolute()
    cache = ab.DuckDBCache(db_path=database, schema_name=SCHEMA)

    # PyAirbyte prints its progress to wherever it likes; ours is the last word on stdout.
    with contextlib.redirect_stdout(sys.stderr):
        source.check()
        available = source.get_available_streams()
        source.select_streams(options.streams.split(",") if options.streams else available)
        result = source.read(cache=cache)
        streams = {name: summary(cache, name) for name in sorted(result.streams)}

    if options.json:
        print(json.dumps({"available": available, "records_read": result.processed_records, "streams": streams}))
        return
    print_table(streams)
    print(f"{result.processed_records:,} records read in this sync; the tables are in {database}")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api-key-env", metavar="NAME", required=True, help="environment variable with the API key")
    parser.add_argument("--streams", metavar="A,B", help="streams to read; default: all that the key can read")
    parser.add_argument("--start-date", metavar="DATE", help="only objects created since, e.g. 2026-01-01T00:00:00Z")
    parser.add_argument("--config", metavar="FILE", help="JSON file with further properties of the configuration")
    parser.add_argument("--database", metavar="FILE", default="stripe.duckdb", help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print counts and sums as one JSON object")
    return parser.parse_args()


def config_of(options: argparse.Namespace) -> dict:
    key = os.environ.get(options.api_key_env)
    if not key:
        sys.exit(f"{options.api_key_env} is not set in the environment")
    extra = json.loads(Path(options.config).read_text()) if options.config else {}
    start = {"start_date": options.start_date} if options.start_date else {}
    return {**extra, **start, "api_key": key}


def summary(cache: ab.DuckDBCache, stream: str) -> dict:
    """Rows of a table, how many different ids they have, and the sum of every integer column. No table is no rows."""
    columns = cache.run_sql_query(
        f"SELECT column_name AS name, data_type AS type FROM information_schema.columns "
        f"WHERE table_schema = '{SCHEMA}' AND table_name = '{stream}'"
    )
    if not columns:
        return {"rows": 0, "ids": 0, "sums": {}}
    integers = [column["name"] for column in columns if column["type"] in ("BIGINT", "INTEGER", "HUGEINT")]
    sums = ", ".join(f'CAST(COALESCE(SUM("{name}"), 0) AS HUGEINT) AS "{name}"' for name in integers)
    counts = "COUNT(*) AS rows_in_all, COUNT(DISTINCT id) AS ids_in_all"
    (row,) = cache.run_sql_query(f'SELECT {counts}{sums and ", " + sums} FROM "{SCHEMA}"."{stream}"')
    return {
        "rows": int(row["rows_in_all"]),
        "ids": int(row["ids_in_all"]),
        "sums": {name: int(row[name]) for name in integers},
    }


def print_table(streams: dict) -> None:
    width = max(map(len, streams), default=0)
    for name, stream in streams.items():
        print(f"{name:<{width}}  {stream['rows']:>12,} rows")


if __name__ == "__main__":
    main()
