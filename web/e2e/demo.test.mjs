// The first five minutes: `deskwire demo`, opened by somebody new.
import assert from "node:assert/strict";
import { test } from "node:test";
import { signIn, startBrowser, startDemo } from "./browser.mjs";

test("the demo lives on the screen without being touched", async () => {
  const demo = await startDemo(), browser = await startBrowser();
  try {
    const page = await signIn(browser, demo.url, /Ana Souza/);
    await page.getByRole("link", { name: /^All open, [\d,]+ tickets$/ }).click();
    await page.locator(".ticketrow").first().waitFor();
    const numbers = () => page.locator(".sidebar .count").allInnerTexts();
    const was = JSON.stringify(await numbers()), end = Date.now() + 30_000;
    while (JSON.stringify(await numbers()) === was) {
      assert.ok(Date.now() < end, "no number moved in 30 s");
      await page.waitForTimeout(50);
    }
    assert.equal(await page.getByText("…", { exact: true }).count(), 0);
    assert.deepEqual(page.faults, []);
  } finally {
    await browser.close();
    await demo.stop();
  }
});
