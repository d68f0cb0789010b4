// A server as an operator runs it, with an account as a helpdesk makes it.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY } from "./binary.mjs";

const OPERATOR = "operator-key-for-the-stories";
const SECRET = "0123456789abcdef0123456789abcdef";
export const START = Date.parse("2026-03-02T09:00:00Z"); // a Monday

function freePort() {
  return new Promise((resolve) => {
    const s = createServer().listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
  });
}

/** A server on a folder and a port of its own; it can be killed and come back. */
export async function startServer() {
  const data = mkdtempSync(join(tmpdir(), "deskwire-story-")), port = await freePort(), url = `http://127.0.0.1:${port}`;
  let child;
  const start = () => new Promise((resolve, reject) => {
    child = spawn(BINARY, ["serve", "--listen", `127.0.0.1:${port}`, "--data", data], { env: { ...process.env, DESKWIRE_OPERATOR_KEY: OPERATOR }, stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => resolve());
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const end = (signal) => new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.once("exit", resolve);
    child.kill(signal);
  });
  await start();
  return { url, start, kill: () => end("SIGKILL"), async stop() { await end("SIGINT"); rmSync(data, { recursive: true, force: true }); } };
}

/** An account on a server, through the API. Its clock stands still until it is set. */
export class Account {
  constructor(url, id) {
    this.url = url;
    this.id = id;
    this.now = START;
  }

  async call(method, path, body, type = "application/json") {
    const r = await fetch(this.url + path, { method, headers: { Authorization: "Bearer " + OPERATOR, "Content-Type": type }, ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }) });
    const text = await r.text();
    if (!r.ok) throw new Error(`${method} ${path}: ${r.status} ${text}`);
    return text;
  }

  put(path, body) { return this.call("PUT", `/v1/accounts/${this.id}/${path}`, body); }

  async make() {
    await this.call("POST", "/v1/accounts", { id: this.id, name: "Acme", zone: "Europe/Rome", manual_clock: true, keys: [{ id: "k", secret: SECRET }] });
    await this.clock(START);
    await this.put("agents/ann", { name: "Ann Field", role: "lead" });
    await this.put("agents/ben", { name: "Ben Marsh", role: "agent" });
    await this.put("agents/cleo", { name: "Cleo Hart", role: "agent", reads: ["assigned_to_me", "my_teams"] });
    await this.put("teams/blue", { name: "Blue", members: ["cleo"] });
    return this;
  }

  /** Sets the account's clock. */
  async clock(at) {
    this.now = at;
    await this.call("POST", `/v1/accounts/${this.id}/clock`, { now: new Date(at).toISOString() });
  }

  /** A ticket of now; later ones are newer. */
  ticket(id, more = {}) {
    this.now += 1;
    const at = new Date(this.now).toISOString();
    return this.put(`tickets/${id}`, { version: 1, subject: `Question ${id}`, status: "open", channel: "email", requester_name: "Maya Rivera", created_at: at, updated_at: at, ...more });
  }

  /** The address that lets an agent in. */
  door(agent) {
    const token = execFileSync(BINARY, ["token", "--account", this.id, "--agent", agent, "--key-id", "k", "--secret", SECRET]).toString().trim();
    return `${this.url}/#account=${this.id}&token=${token}`;
  }
}
