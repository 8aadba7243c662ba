// SPDX-License-Identifier: MIT
import ArgumentParser

@main
struct Tonmeister: ParsableCommand {}
