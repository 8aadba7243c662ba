# SPDX-License-Identifier: MIT
"""Lets half of the made-up requests name jobs that exist, so that answers are tested, too.

The jobs come in TONMEISTER_SONG and TONMEISTER_MIX.
"""
import os
import re

import schemathesis

SONG = os.environ["TONMEISTER_SONG"]
MIX = os.environ["TONMEISTER_MIX"]
IDENTIFIER = re.compile(r"[0-9a-f]{32}")


def known(identifier, path):
    """A job that exists in place of half of those that do not."""
    if not isinstance(identifier, str) or not IDENTIFIER.fullmatch(identifier):
        return identifier
    if int(identifier[-1], 16) % 2:
        return identifier
    return MIX if path.rstrip("/").split("/")[-1] in ("mix", "export") or "/mix/" in path else SONG


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    operation = context.operation
    # What is removed would be missed by all requests that follow.
    if path_parameters and operation.method.lower() != "delete":
        if "id" in path_parameters:
            path_parameters["id"] = known(path_parameters["id"], operation.path)
        if "stem" in path_parameters and len(str(path_parameters["stem"])) % 2:
            path_parameters["stem"] = "drums"
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and "job" in body:
        body["job"] = known(body["job"], "")
    return body
