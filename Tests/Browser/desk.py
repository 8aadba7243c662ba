# SPDX-License-Identifier: MIT
"""The page as a person uses it."""
from pathlib import Path

from playwright.sync_api import Page, expect


class Desk:
    """A page and what one does with it."""

    def __init__(self, page: Page):
        self.page = page

    def open(self, song: Path, timeout: float = 60_000) -> None:
        self.page.goto("/")
        self.page.set_input_files("#songs", song)
        self.is_open(timeout)

    def is_open(self, timeout: float = 60_000) -> None:
        expect(self.page.get_by_role("group", name="Master")).to_be_visible(timeout=timeout)

    def fader(self, stem: str):
        return self.page.get_by_role("slider", name=f"Level of {stem}")

    def button(self, name: str):
        return self.page.get_by_role("button", name=name)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def play(self) -> None:
        self.button("Play (Space)").click()

    def pause(self) -> None:
        self.button("Pause (Space)").click()

    @property
    def seconds(self) -> float:
        minutes, seconds = self.page.locator(".time").inner_text().split(":")
        return 60 * int(minutes) + float(seconds)

    def meter(self, name: str) -> float:
        text = self.page.locator(f'[data-meter="{name}"]').inner_text().replace("\u2212", "-")
        return float("-inf") if "\u221e" in text else float(text)

    def propose(self) -> None:
        self.tab("Automatic")
        self.button("Mix it for me").click()
        expect(self.page.locator("tm-decisions li").first).to_be_visible(timeout=60_000)

    def session(self, expression: str, argument=None):
        """Evaluates JavaScript with the open session as `session`."""
        return self.page.evaluate(
            "([argument]) => { const session = document.querySelector('tm-mixer').session;"
            f" return ({expression}); }}", [argument])
