// Makes the pictures of the README: npm run screenshots.
import { ROOT } from "./binary.mjs";
import { signIn, startBrowser, startDemo } from "./browser.mjs";

const demo = await startDemo(), browser = await startBrowser();
const shot = (page, name) => page.screenshot({ path: `${ROOT}docs/${name}.png` });
try {
  const page = await signIn(browser, demo.url, /Ana Souza/);
  await page.getByRole("link", { name: /^All open/ }).click();
  await page.locator(".ticketrow").nth(5).click();
  await page.getByRole("textbox", { name: "Reply" }).fill("Hello! I have just sent the label to your e-mail address.");
  await page.waitForTimeout(3_000);
  await shot(page, "workspace");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.getByRole("button", { name: "+ New view" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Waiting too long");
  await page.getByRole("button", { name: "+ Condition" }).click();
  const rule = page.locator(".rule").nth(1);
  await rule.getByRole("combobox", { name: "Field" }).selectOption("waiting_since");
  await rule.getByRole("combobox", { name: "Operator" }).selectOption("older_than");
  await rule.getByRole("spinbutton", { name: "How long" }).fill("1");
  await page.waitForTimeout(1_000);
  await shot(page, "builder");
} finally {
  await browser.close();
  await demo.stop();
}
