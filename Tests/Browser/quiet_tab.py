# SPDX-License-Identifier: MIT
"""A tab that nobody watches: the inspector keeps what a page has loaded, which is no memory of the page."""
import json
import re
from pathlib import Path

from playwright.sync_api import Browser


class QuietTab:
    """Speaks to a tab through Target messages, with nothing but Runtime.evaluate."""

    def __init__(self, browser: Browser, url: str):
        self.clock = browser.new_page()
        self.root = browser.new_browser_cdp_session()
        self.answers = {}
        self.count = 0
        self.root.on("Target.receivedMessageFromTarget", self.receive)
        context = self.root.send("Target.createBrowserContext")["browserContextId"]
        target = self.root.send("Target.createTarget", {"url": url, "browserContextId": context})["targetId"]
        self.session = self.root.send("Target.attachToTarget", {"targetId": target, "flatten": False})["sessionId"]
        self.wait(1)

    def receive(self, event) -> None:
        message = json.loads(event["message"])
        self.answers[message.get("id")] = message

    def wait(self, seconds: float) -> None:
        self.clock.wait_for_timeout(1000 * seconds)

    def evaluate(self, expression: str):
        self.count += 1
        parameters = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        message = {"id": self.count, "method": "Runtime.evaluate", "params": parameters}
        self.root.send("Target.sendMessageToTarget", {"sessionId": self.session, "message": json.dumps(message)})
        for _ in range(400):
            if self.count in self.answers:
                return self.answers[self.count].get("result", {}).get("result", {}).get("value")
            self.wait(0.025)
        raise TimeoutError(expression)

    @property
    def memory(self) -> int:
        """What its process has for itself, in bytes: that of the largest renderer."""
        processes = self.root.send("SystemInfo.getProcessInfo")["processInfo"]
        return max(private_memory(process["id"]) for process in processes if process["type"] == "renderer")


def private_memory(process: int) -> int:
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return 1024 * sum(int(size) for size in re.findall(r"Private_(?:Clean|Dirty):\s+(\d+)", text))
