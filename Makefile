# SPDX-License-Identifier: MIT
.PHONY: setup build demo test lint

# Installs the Debian packages that are missing.
setup:
	@Scripts/setup.sh

build: setup
	swift build -c release --product tonmeister

# Takes the demo song apart.
demo:
	@Scripts/demo.sh

test: setup
	swift test

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
