#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the Swift packages of a build as a Markdown table: name, version, licence, and what needs them.

Usage: list-dependencies.py [FOLDER], where FOLDER is the build's scratch path, by default .build or .build/test.
Versions are those of its workspace-state.json, or of Package.resolved where that is missing; licences are read from
the LICENSE files of its checkouts. Exits with 1 where a checkout is missing or a licence is not known.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]

# SPDX identifiers and what only the text of that licence has; the first that fits is taken.
LICENCES = [
    ("Apache-2.0 WITH Swift-exception", r"Apache License\s+Version 2\.0.*Runtime Library Exception"),
    ("Apache-2.0", r"Apache License\s+Version 2\.0"),
    ("MPL-2.0", r"Mozilla Public License,? [Vv]ersion 2\.0"),
    ("LGPL-2.1", r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1"),
    ("GPL-3.0", r"GNU GENERAL PUBLIC LICENSE\s+Version 3"),
    ("GPL-2.0", r"GNU GENERAL PUBLIC LICENSE\s+Version 2"),
    ("BSD-3-Clause", r"Redistribution and use in source and binary forms.*[Nn]either the names? of"),
    ("BSD-2-Clause", r"Redistribution and use in source and binary forms"),
    ("MIT", r"Permission is hereby granted, free of charge, to any person obtaining a copy"),
    ("ISC", r"Permission to use, copy, modify, and(/or)? distribute this software for any purpose"),
    ("Zlib", r"This software is provided ['‘]as-is['’], without any express or implied"),
]


def identity(location):
    """The name by which packages know each other: the last part of the address, in lower case."""
    return location.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git").lower()


def needed(folder):
    """The identities that the manifests of a package name, for whatever version of Swift and condition."""
    found = set()
    for manifest in folder.glob("Package*.swift"):
        text = re.sub(r"^\s*//.*$", "", manifest.read_text(), flags=re.MULTILINE)
        found |= {identity(url) for url in re.findall(r"\burl:\s*\"([^\"]+)\"", text)}
    return found


def pins(scratch):
    """What was resolved: (identity, name, version, checkout), sorted."""
    state = scratch / "workspace-state.json"
    found = []
    if state.exists():
        for item in json.loads(state.read_text())["object"]["dependencies"]:
            checkout = item["state"].get("checkoutState", {})
            version = checkout.get("version") or checkout.get("branch") or checkout.get("revision", "?")[:12]
            found.append((item["packageRef"]["identity"], item["subpath"], version))
    else:
        for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]:
            version = pin["state"].get("version") or pin["state"].get("branch") or pin["state"]["revision"][:12]
            name = pin["location"].rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
            found.append((pin["identity"], name, version))
    return sorted((key, name, version, scratch / "checkouts" / name) for key, name, version in found)


def licence(checkout):
    """The SPDX identifier of a checkout's licence; None where it is not known."""
    files = sorted(file for file in checkout.glob("*") if re.match(r"(?i)(licen[cs]e|copying)", file.name))
    for file in filter(pathlib.Path.is_file, files):
        text = file.read_text(errors="replace")
        for name, pattern in LICENCES:
            if re.search(pattern, text, re.DOTALL):
                return name
    return None


def main():
    given = [pathlib.Path(argument) for argument in sys.argv[1:2]] or [ROOT / ".build", ROOT / ".build/test"]
    scratch = next((folder for folder in given if (folder / "checkouts").is_dir()), None)
    if scratch is None:
        sys.exit(f"{given[0]}: there are no checkouts; run “swift package resolve” first.")
    packages = pins(scratch)
    direct = needed(ROOT)
    through = {key: set() for key, *_ in packages}
    for key, _, _, checkout in packages:
        for other in needed(checkout) & through.keys() - {key}:
            through[other].add(key)
    print("| package | version | licence | needed by |")
    print("|---|---|---|---|")
    failures = []
    for key, name, version, checkout in packages:
        terms = licence(checkout)
        if terms is None:
            failures.append(f"{name}: its licence is not known; see {checkout}.")
        reason = "tonmeister" if key in direct else ", ".join(sorted(through[key])) or "nothing any more"
        print(f"| {name} | {version} | {terms or '?'} | {reason} |")
    for missing in sorted(direct - through.keys()):
        failures.append(f"{missing}: Package.swift names it, and this build does not have it; resolve anew.")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
