// What agents do, in a real browser against the real binary. Each story has an
// account of its own; its clock moves only when the story moves it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { newPage, startBrowser } from "./browser.mjs";
import { Account, START, startServer } from "./server.mjs";

const HOUR = 3_600_000;
let server, browser, stories = 0;

before(async () => {
  server = await startServer();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const account = () => new Account(server.url, "story-" + ++stories).make();

async function enter(acc, agent, view) {
  const page = await newPage(browser);
  page.setDefaultTimeout(10_000);
  await page.goto(acc.door(agent));
  await badge(page, "All open").waitFor();
  if (view) await badge(page, view).click();
  return page;
}

const views = (page) => page.getByRole("navigation", { name: "Views" });
const badge = (page, name, n) => views(page).getByRole("link", { name: n === undefined ? new RegExp(`^${name}, `) : `${name}, ${n} ticket${n === 1 ? "" : "s"}`, exact: n !== undefined });
const rows = (page) => page.locator(".ticketrow");
const subjects = (page) => page.locator(".ticketrow .subject").allInnerTexts();
const open = (page, subject) => rows(page).filter({ hasText: subject }).click();
const pick = async (page, menu, item) => {
  await page.bringToFront(); // a tab behind another draws once a second, and menus with it
  await page.getByRole("button", { name: new RegExp(`^${menu}`) }).click();
  await page.getByRole("menuitemradio", { name: item }).click();
};

async function leave(...pages) {
  for (const page of pages) {
    assert.deepEqual(page.faults, []);
    await page.close();
  }
}

/** Waits until it is so; the browser shows what is, so asking again is free. */
async function eventually(what, read, want) {
  const end = Date.now() + 10_000;
  for (;;) {
    const got = await read();
    if (JSON.stringify(got) === JSON.stringify(want)) return;
    if (Date.now() > end) assert.deepEqual(got, want, what);
    await new Promise((r) => setTimeout(r, 30));
  }
}

test("a ticket that comes in is counted, listed and shown in one go (VC-1, VC-15)", async () => {
  const acc = await account(), page = await enter(acc, "ann", "All open");
  await badge(page, "All open", 0).waitFor();
  await page.getByRole("heading", { name: "All clear" }).waitFor();
  await acc.ticket("7", { subject: "Where is my parcel?", tags: ["shipping"], priority: "urgent" });
  await badge(page, "All open", 1).waitFor();
  await badge(page, "Unassigned", 1).waitFor();
  await page.getByText("1 ticket", { exact: true }).waitFor();
  assert.deepEqual(await subjects(page), ["Where is my parcel?"]);
  await acc.call("DELETE", `/v1/accounts/${acc.id}/tickets/7`);
  await badge(page, "All open", 0).waitFor();
  await eventually("rows", () => subjects(page), []);
  await leave(page);
});

test("reply, note, tags, assignment and status reach the colleague's screen", async () => {
  const acc = await account();
  await acc.ticket("1", { subject: "Broken lamp" });
  const ann = await enter(acc, "ann", "All open"), ben = await enter(acc, "ben", "All open");
  await open(ann, "Broken lamp");
  await open(ben, "Broken lamp");
  await ann.getByRole("textbox", { name: "Reply" }).fill("A new one is on its way.");
  await ann.getByRole("button", { name: "Send reply" }).click();
  await ben.getByText("A new one is on its way.").waitFor();
  await eventually("box", () => ann.getByRole("textbox", { name: "Reply" }).inputValue(), "");
  await ben.getByRole("tab", { name: "Internal note" }).click();
  await ben.getByRole("textbox", { name: "Internal note" }).fill("Third one this week.");
  await ben.getByRole("button", { name: "Add note" }).click();
  await ann.getByText("Third one this week.").waitFor();
  await pick(ann, "Assignee", "Ben Marsh");
  await badge(ben, "My open", 1).waitFor();
  await badge(ann, "Unassigned", 0).waitFor();
  await ann.getByRole("textbox", { name: "Add a tag" }).fill("lamp");
  await ann.keyboard.press("Enter");
  await ben.getByRole("button", { name: "Remove tag lamp" }).click();
  await ann.getByRole("button", { name: "Remove tag lamp" }).waitFor({ state: "detached" });
  await pick(ben, "Status", "Solved");
  await badge(ann, "All open", 0).waitFor();
  await badge(ben, "My open", 0).waitFor();
  await leave(ann, ben);
});

test("a snoozed ticket leaves and comes back by itself when its time has come (VC-5)", async () => {
  const acc = await account();
  await acc.clock(Date.now()); // the snooze menu reckons from the browser's clock
  await acc.ticket("1", { subject: "Call me next week" });
  const page = await enter(acc, "ann", "All open");
  await open(page, "Call me next week");
  await pick(page, "Snooze", "1 hour");
  await badge(page, "Snoozed", 1).waitFor();
  await badge(page, "All open", 0).waitFor();
  await acc.clock(Date.now() + HOUR + 1_000);
  await badge(page, "All open", 1).waitFor();
  await badge(page, "Snoozed", 0).waitFor();
  await leave(page);
});

test("a view is built with a preview, saved, counted, edited and deleted (VC-9, VC-10)", async () => {
  const acc = await account();
  for (let i = 1; i <= 5; i++) await acc.ticket(String(i), { priority: i <= 2 ? "urgent" : "low" });
  const page = await enter(acc, "ann");
  await page.getByRole("button", { name: "+ New view" }).click();
  const dialog = page.getByRole("dialog", { name: "New view" });
  await dialog.getByText("5 tickets now").waitFor();
  await dialog.getByRole("button", { name: "+ Condition" }).click();
  const rule = dialog.locator(".rule").nth(1);
  await rule.getByRole("combobox", { name: "Field" }).selectOption("created_at");
  await rule.getByRole("combobox", { name: "Operator" }).selectOption("older_than");
  await rule.getByRole("spinbutton", { name: "How long" }).fill("2");
  await dialog.getByText("0 tickets now").waitFor();
  await rule.getByRole("combobox", { name: "Field" }).selectOption("priority");
  await rule.getByRole("combobox", { name: "Operator" }).selectOption("is");
  await rule.getByRole("combobox", { name: "Value" }).selectOption("urgent");
  await dialog.getByText("2 tickets now").waitFor();
  await dialog.getByRole("textbox", { name: "Name" }).fill("Fires");
  await dialog.getByRole("button", { name: "Save view" }).click();
  await badge(page, "Fires", 2).waitFor();
  await eventually("rows", async () => (await subjects(page)).length, 2);
  await page.getByRole("button", { name: "Edit view" }).click();
  await page.getByRole("combobox", { name: "How the conditions join" }).selectOption("not-and");
  await page.getByRole("dialog").getByText("3 tickets now").waitFor();
  await page.getByRole("button", { name: "Save view" }).click();
  await badge(page, "Fires", 3).waitFor();
  await eventually("rows", async () => (await subjects(page)).length, 3);
  await views(page).getByRole("listitem").filter({ hasText: "Fires" }).hover();
  await page.getByRole("button", { name: "More for Fires" }).click();
  await page.getByRole("menuitem", { name: "Delete view" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await badge(page, "Fires").waitFor({ state: "detached" });
  await leave(page);
});

test("a condition that cannot be is told at its row, and cannot be saved", async () => {
  const acc = await account(), page = await enter(acc, "ann");
  await page.getByRole("button", { name: "+ New view" }).click();
  const dialog = page.getByRole("dialog", { name: "New view" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Impossible");
  await dialog.getByRole("button", { name: "Remove Open" }).click();
  await dialog.getByRole("button", { name: "Remove New" }).click();
  await dialog.getByText("this is never true").waitFor();
  await dialog.getByRole("combobox", { name: "Field" }).selectOption("subject");
  await dialog.locator(".rule[data-fault=true]").waitFor();
  assert.equal(await dialog.getByRole("button", { name: "Save view" }).isDisabled(), true);
  await leave(page);
});

test("a list holds still under the pointer and says how many wait", async () => {
  const acc = await account();
  for (let i = 1; i <= 4; i++) await acc.ticket(String(i));
  const page = await enter(acc, "ann", "All open");
  await eventually("rows", async () => (await subjects(page)).length, 4);
  const was = await subjects(page);
  await rows(page).nth(1).hover();
  await acc.ticket("5");
  await acc.call("DELETE", `/v1/accounts/${acc.id}/tickets/2`);
  await page.getByRole("button", { name: "1 new" }).waitFor();
  await page.locator(".ticketrow[data-left=true]").waitFor();
  assert.deepEqual(await subjects(page), was);
  await badge(page, "All open", 4).waitFor();
  await page.getByRole("button", { name: "1 new" }).click();
  await eventually("rows", () => subjects(page), ["Question 5", "Question 4", "Question 3", "Question 1"]);
  await leave(page);
});

test("a ticket that leaves an agent's rights leaves their screen in the same step (VC-8, I17)", async () => {
  const acc = await account();
  await acc.ticket("1", { subject: "For Cleo", assignee_agent: "cleo" });
  await acc.ticket("2", { subject: "Not for Cleo", assignee_agent: "ben" });
  const page = await enter(acc, "cleo", "All open");
  await badge(page, "All open", 1).waitFor();
  await open(page, "For Cleo");
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  await acc.call("PATCH", `/v1/accounts/${acc.id}/tickets/1`, { assignee_agent: "ben" });
  await page.getByRole("heading", { name: "Not here any more" }).waitFor();
  await badge(page, "All open", 0).waitFor();
  await leave(page);
});

test("by keyboard alone: next, mine, reply, solve, next view", async () => {
  const acc = await account();
  await acc.ticket("1", { subject: "Older" });
  await acc.ticket("2", { subject: "Newer" });
  const page = await enter(acc, "ann", "All open");
  await eventually("rows", () => subjects(page), ["Newer", "Older"]);
  await page.keyboard.press("j");
  await page.getByRole("heading", { name: "Newer" }).waitFor();
  await page.keyboard.press("m");
  await badge(page, "My open", 1).waitFor();
  await page.keyboard.press("r");
  await page.keyboard.type("On it: j and s are letters here.");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("log").getByText("On it").waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("s");
  await badge(page, "My open", 0).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor({ state: "detached" });
  await page.keyboard.press("]");
  await page.getByRole("heading", { name: "Snoozed", exact: true }).waitFor();
  await leave(page);
});

test("the server dies and comes back: it is said, nothing is lost, all is right again (F1, I3)", async () => {
  const acc = await account();
  await acc.ticket("1", { subject: "Before the fall" });
  const page = await enter(acc, "ann", "All open");
  await open(page, "Before the fall");
  await page.getByRole("textbox", { name: "Reply" }).fill("A draft that must stay");
  await server.kill();
  await page.getByRole("status").getByText("Reconnecting").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.live), "no");
  await server.start();
  await acc.ticket("2", { subject: "After the fall" });
  await badge(page, "All open", 2).waitFor({ timeout: 40_000 });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.live), "yes");
  assert.equal(await page.getByRole("textbox", { name: "Reply" }).inputValue(), "A draft that must stay");
  await leave(page);
});

test("a closed section of the sidebar is not counted for (VC-16)", async () => {
  const acc = await account(), page = await newPage(browser), follows = [];
  page.on("websocket", (ws) => ws.on("framesent", ({ payload }) => {
    const f = JSON.parse(payload);
    if (f.follow) follows.push(f.follow);
  }));
  await page.goto(acc.door("ann"));
  await badge(page, "All open", 0).waitFor();
  assert.ok(follows.at(-1).includes("counts:shared"));
  await page.getByRole("button", { name: "Shared" }).click();
  await eventually("follows", async () => follows.at(-1).includes("counts:shared"), false);
  await leave(page);
});

test("every screen passes the accessibility rules, light and dark", async () => {
  const axe = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  const acc = await account();
  for (let i = 1; i <= 3; i++) await acc.ticket(String(i), { tags: ["vip"], priority: "urgent", status: i === 1 ? "pending" : "new" });
  const page = await enter(acc, "ann", "Unread");
  const check = async (screen) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const found = await page.evaluate(async (source) => {
        const run = new Function(source + "; return axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa'] })");
        return (await run()).violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)} ${v.nodes[0].failureSummary?.split("\n")[1] ?? ""}`);
      }, axe);
      assert.deepEqual(found, [], `${screen}, ${colorScheme}`);
    }
  };
  await rows(page).nth(1).waitFor();
  await check("list");
  await rows(page).nth(0).click();
  await page.getByRole("textbox", { name: "Reply" }).waitFor();
  await check("ticket");
  await page.getByRole("button", { name: "+ New view" }).click();
  await page.getByText("2 tickets now").waitFor();
  await check("builder");
  await leave(page);
  assert.ok(acc.now > START);
});
