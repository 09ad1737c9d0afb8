"""The results as the tables of docs/performance.md: `python -m benchmarks.results_table` prints them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.json")
PROFILE_RESULTS = Path(__file__).with_name("profile_results.json")
PAGE_RESULTS = Path(__file__).with_name("page_results.json")
EXPORT_RESULTS = Path(__file__).with_name("export_results.json")


def tables(results: Mapping[str, Any]) -> str:
    """The figures of `benchmarks.observe` as Markdown."""
    base = results["workloads"]["raw_consume"]["records_per_second"]
    lines = [
        "| way | records/s | of `raw_consume` | CPU, µs per record |",
        "|---|---|---|---|",
    ]
    for name, one in results["workloads"].items():
        rate, cpu = one["records_per_second"], one["cpu_microseconds_per_record"]
        lines.append(f"| `{name}` | {rate:,} | {rate / base:.2f} | {cpu:.2f} |")
    lines += ["", "| ratio | is | is to be |", "|---|---|---|"]
    for name, one in results["compared"].items():
        above, below = name.split(" / ")
        lines.append(f"| `{above}` / `{below}` | {one['ratio']:.2f} | {one['at_least']} or more |")
    memory = results["memory"]
    after = ", ".join(
        f"{memory['resident_bytes'][key] / 1e6:.0f} MB after {memory['records'][key]:,}"
        for key in ("few", "many")
    )
    what = f"{results['records']:,} records of {results['bytes_per_record']:.0f} bytes"
    machine = f"{results['machine']['cpu']}, {results['machine']['cores']} cores"
    lines += ["", f"{what}, {results['rounds']} rounds, medians; {machine}."]
    lines += [f"Resident memory with the full summary: {after} records."]
    return "\n".join(lines)


def export_table(results: Mapping[str, Any]) -> str:
    """The figures of `benchmarks.export` as Markdown."""
    lines = ["| way | documents/s |", "|---|---|"]
    lines += [
        f"| `{name}` | {results[f'{name}_documents_per_second']:,} |" for name in ("helper", "exporter")
    ]
    lines += ["", "| ratio | is | is to be |", "|---|---|---|"]
    ratio, wanted = results["exporter / helper"], results["wanted"]
    lines.append(f"| `exporter` / `helper` | {ratio:.2f} | {wanted} or more |")
    what = f"{results['documents']:,} documents of {results['bytes_per_document']} bytes"
    lines += ["", f"{what}, {results['rounds']} rounds, medians; Elasticsearch on the same two cores."]
    return "\n".join(lines)


def page_table(results: Mapping[str, Any]) -> str:
    """The figures of `benchmarks.page` as Markdown."""
    names = list(dict.fromkeys(name.split("_")[0] for name in results["refresh_seconds"]))
    lengths = list(dict.fromkeys(name.split("_")[1] for name in results["refresh_seconds"]))
    lines = [f"| a refresh, ms | {' | '.join(lengths)} |", f"|---|{'---|' * len(lengths)}"]
    for name in names:
        cells = (f"{results['refresh_seconds'][f'{name}_{length}'] * 1000:.0f}" for length in lengths)
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    lines += ["", "| what | is | is to be |", "|---|---|---|"]
    slowest, paint = results["slowest_refresh_seconds"], results["first_paint_seconds"]
    lines.append(
        f"| the slowest refresh | {slowest * 1000:.0f} ms | less than {results['wanted_refresh_seconds'] * 1000:.0f} ms |"
    )
    lines.append(
        f"| first paint in a browser | {paint:.2f} s | less than {results['wanted_first_paint_seconds']:.0f} s |"
    )
    lines.append(f"| all charts drawn | {results['charts_drawn_seconds']:.2f} s | |")
    lines.append(f"| `documents` / `series` | {results['documents / series']:,.0f} | |")
    lines += [
        "",
        f"{results['rows']:,} rows, {results['bytes'] / 1e6:,.0f} MB, {results['rounds']} rounds, medians.",
    ]
    return "\n".join(lines)


def report_tables(results: Mapping[str, Any]) -> str:
    """The figures of `benchmarks.profile` as Markdown."""
    lines = [
        "| rows | way | seconds | times ours | CPU seconds | page | peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for count, ways in results["rows"].items():
        for name, one in ways.items():
            found = results["ratios"].get(f"{name} / ours at {int(count):,}", {"ratio": 1.0})
            if one["seconds"] is None:
                times = f"more than {found['more_than']}" if "more_than" in found else ""
                peak = f"{one['peak_bytes'] / 1e6:,.0f} MB" if one["peak_bytes"] else ""
                cells = [f"more than {one['over']:.0f}", times, "", "", peak]
            else:
                cells = [
                    f"{one['seconds']:.1f}",
                    f"{found['ratio']:.1f}",
                    f"{one['cpu_seconds']:.1f}",
                    f"{one['html_bytes'] / 1e6:.1f} MB",
                    f"{one['peak_bytes'] / 1e6:,.0f} MB",
                ]
            lines.append(f"| {int(count):,} | `{name}` | {' | '.join(cells)} |")
    lines += ["", "| ratio | is | is to be |", "|---|---|---|"]
    for name, one in results["compared"].items():
        ratio = f"more than {one['more_than']}" if one["ratio"] is None else f"{one['ratio']:.1f}"
        lines.append(f"| {name} | {ratio} | {one['at_least']:.0f} or more |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables(json.loads(RESULTS.read_text())))
    print()
    print(report_tables(json.loads(PROFILE_RESULTS.read_text())))
    print()
    print(export_table(json.loads(EXPORT_RESULTS.read_text())))
    print()
    print(page_table(json.loads(PAGE_RESULTS.read_text())))
