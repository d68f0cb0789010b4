// A server with the demo's helpdesk in it, and a real browser in front.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { BINARY } from "./binary.mjs";


/** Starts the demo on a free port and waits until it says where. */
export async function startDemo(...flags) {
  const child = spawn(BINARY, ["demo", "--listen", "127.0.0.1:0", ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const url = await new Promise((resolve, reject) => {
    child.stdout.on("data", (b) => {
      said += b;
      const m = /Workspace\s+(\S+)/.exec(said);
      if (m) resolve(m[1]);
    });
    child.on("exit", (code) => reject(new Error(`the demo ended with ${code}`)));
  });
  const key = async () => {
    while (!/API key\s+(\S+)/.test(said)) await new Promise((r) => setTimeout(r, 10));
    return /API key\s+(\S+)/.exec(said)[1];
  };
  const stop = () => new Promise((r) => {
    child.removeAllListeners("exit");
    child.on("exit", r);
    child.kill("SIGINT");
  });
  return { url, key: await key(), stop };
}

export async function startBrowser() {
  const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => p && existsSync(p));
  if (!executablePath) throw new Error("there is no Chromium; set CHROMIUM to one");
  return chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "deskwire-browser-")), {
    executablePath, headless: true, viewport: { width: 1440, height: 900 }, colorScheme: "light",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A page that remembers what went wrong in it. A refused preview is not wrong. */
export async function newPage(context) {
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (e) => page.faults.push(e.message));
  page.on("console", (m) => m.type() === "error" && !/ERR_CONNECTION|WebSocket connection|status of 422/.test(m.text()) && page.faults.push(m.text()));
  return page;
}

/** Signs in as one of the demo's agents, in a page of its own. */
export async function signIn(context, url, name) {
  const page = await newPage(context);
  await page.goto(url);
  await page.getByRole("button", { name }).click();
  await page.getByRole("navigation", { name: "Views" }).waitFor();
  return page;
}
