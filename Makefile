# SPDX-License-Identifier: MIT
.PHONY: setup build demo serve wasm test test-interface test-page test-faults lint fixtures interoperability
.PHONY: bench bench-mix bench-page bench-preference bench-service bench-training

# Python with the packages of Training/lite/requirements.txt, for `bench` and `fixtures` only.
PYTHON ?= .venv/bin/python

# What the page runs of MixCore.
WASM := Browser/Page/Resources/mixcore.wasm

# The program that `test-interface` and `test-page` start; `test` has one of its own.
TONMEISTER ?= .build/release/tonmeister

# Installs the Debian packages that are missing.
setup:
	@Scripts/setup.sh

build: setup $(WASM)
	swift build -c release --product tonmeister

# Takes the demo song apart and mixes it anew.
demo:
	@Scripts/demo.sh

# In release, since the network's kernels take minutes without optimisation; in a folder of its own,
# since it is compiled so that the tests see internal names.
test: setup $(WASM)
	swift test -c release -Xswiftc -enable-testing --scratch-path .build/test
	$(MAKE) --no-print-directory test-interface test-page TONMEISTER=.build/test/release/tonmeister

# Holds the service against the description of its interface, with requests that are made up, and calls it over gRPC.
test-interface:
	python3 -m venv .build/interface
	.build/interface/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement Tests/Interface/requirements.txt
	.build/interface/bin/python Tests/Interface/interface.py $(abspath $(TONMEISTER))
	.build/interface/bin/python Tests/Interface/rpc.py $(abspath $(TONMEISTER))
	.build/interface/bin/python Tests/Interface/traces.py $(abspath $(TONMEISTER))
	.build/interface/bin/python Tests/Interface/bucket.py $(abspath $(TONMEISTER))
	.build/interface/bin/python Tests/Interface/fuzz.py $(abspath $(TONMEISTER)) --seconds 60

# Takes away from a service with several workers whatever it relies on: 200 jobs, and none is lost.
test-faults: build
	python3 -m venv .build/interface
	.build/interface/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement Tests/Interface/requirements.txt
	.build/interface/bin/python Tests/Faults $(abspath $(TONMEISTER))

# The page and the interface, on loopback.
serve: build
	.build/release/tonmeister serve

# The mixing desk and the learner for the browser, in .build/wasm, and for the page.
wasm:
	Browser/Core/build.sh

$(WASM): $(shell find Sources/MixCore Browser/Core -type f)
	Browser/Core/build.sh

# The page: its modules in node, then all of it in Chromium, with the real service.
# Pictures of it are left in .build/screenshots.
test-page:
	node --test Tests/Browser/modules/
	tsc --project Tests/Browser/tsconfig.json
	python3 -m venv .build/page
	.build/page/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement Tests/Browser/requirements.txt
	TONMEISTER=$(abspath $(TONMEISTER)) .build/page/bin/python -m pytest -p no:cacheprovider Tests/Browser

lint:
	swift format lint --strict --recursive --parallel Package.swift Browser Sources Tests

# Speed and memory beside PyTorch, Demucs and pedalboard, and the memory of three hours of audio.
bench: build $(PYTHON)
	$(PYTHON) Benchmarks/separation.py
	$(PYTHON) Benchmarks/memory.py
	$(PYTHON) Benchmarks/hybrid_demucs.py
	$(PYTHON) -m pip install --quiet pedalboard
	$(PYTHON) Benchmarks/mixing.py

# What automatic mixing is worth, in figures; SONGS is a folder of multitracks, a folder for each song.
bench-mix: build $(PYTHON)
	$(PYTHON) Benchmarks/automix "$(SONGS)"

# Training of small networks beside PyTorch.
bench-training: setup $(PYTHON)
	swift run -c release TrainingBenchmark
	$(PYTHON) Benchmarks/training.py

# How many requests the interface answers in a second, and what half an hour of them takes of the memory.
bench-service: build
	python3 -m venv .build/interface
	.build/interface/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement Tests/Interface/requirements.txt
	.build/interface/bin/python Benchmarks/service.py $(abspath $(TONMEISTER))

# How soon the page is there and how smooth it is.
bench-page: build
	python3 -m venv .build/page
	.build/page/bin/python -m pip install --quiet --disable-pip-version-check \
		--requirement Tests/Browser/requirements.txt
	TONMEISTER=$(abspath $(TONMEISTER)) .build/page/bin/python Benchmarks/page.py

# How many songs it takes to learn a taste, on simulated listeners.
bench-preference:
	swift run -c release PreferenceBenchmark

# Opens what `export` writes with readers that are not ours.
interoperability: build
	python3 -m venv .build/interoperability
	.build/interoperability/bin/python -m pip install --quiet \
		--requirement Tests/Interoperability/requirements.txt
	.build/interoperability/bin/python Tests/Interoperability/exports.py

# The expected values of the tests, computed anew by independent programs.
fixtures: $(PYTHON)
	$(PYTHON) Tests/Fixtures/make_audio_fixtures.py
	$(PYTHON) Tests/Fixtures/make_checkpoint_fixtures.py
	$(PYTHON) Tests/Fixtures/make_network_fixtures.py
	$(PYTHON) Tests/Fixtures/make_training_fixtures.py
	$(PYTHON) Tests/Fixtures/make_demucs_fixtures.py
	$(PYTHON) Tests/Fixtures/make_separation_fixtures.py
	$(PYTHON) Tests/Fixtures/make_mix_fixtures.py
	$(PYTHON) Tests/Fixtures/make_preference_fixtures.py
	$(PYTHON) Tests/Fixtures/make_meter_fixtures.py
	$(PYTHON) -m pip install --quiet pyloudnorm==0.2.0
	$(PYTHON) Tests/Fixtures/make_feature_fixtures.py
	$(PYTHON) Tests/Fixtures/make_preparation_fixtures.py
	$(PYTHON) -m pip install --quiet botocore
	$(PYTHON) Tests/Fixtures/make_signature_fixtures.py

.venv/bin/python:
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --requirement Training/lite/requirements.txt
