import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Live } from "../src/live.ts";
import { Refused } from "../src/commands.ts";
import { LINGER_MS } from "../src/session.ts";
import type { ClientFrame } from "../src/wire.ts";

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: ClientFrame[] = [];
  onopen: (() => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  constructor() { FakeSocket.all.push(this); }
  send(s: string) { this.sent.push(JSON.parse(s) as ClientFrame); }
  close() { this.readyState = 3; }
  open() { this.readyState = 1; this.onopen?.(); }
  say(f: unknown) { this.onmessage?.({ data: JSON.stringify(f) }); }
  die(code = 1006) { this.readyState = 3; this.onclose?.({ code }); }
  of(t: string) { return this.sent.filter((f) => f.t === t); }
}

const last = () => FakeSocket.all.at(-1)!;
let live: Live;

async function settle() { await vi.advanceTimersByTimeAsync(1); }

async function connect(session: string, epoch = "e1") {
  last().open();
  await settle();
  last().say({ t: "welcome", session, epoch, seq: 1, beat_ms: 15000 });
}

function lead(session: string, leads: Record<string, unknown>, to = 2) {
  last().say({ t: "patch", topic: "session:" + session, from: 0, to, at: 1, set: leads });
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  live = new Live({ url: "ws://x/live", account: "acme", token: () => Promise.resolve("T"), socket: () => new FakeSocket() as unknown as WebSocket, random: () => 0.5 });
});
afterEach(() => {
  live.close();
  vi.useRealTimers();
});

describe("live", () => {
  test("first load, then a difference", async () => {
    live.follow("counts");
    await connect("s1");
    expect(last().sent[0]).toMatchObject({ t: "hello", v: 1, account: "acme", token: "T", follow: ["counts"] });
    expect(last().sent[0]!.have).toBeUndefined();
    lead("s1", { counts: { topics: ["counts:all"] } });
    last().say({ t: "patch", topic: "counts:all", from: 0, to: 2, at: 5, set: { a: { n: 1, exact: true }, b: { n: 2, exact: true } } });
    await settle();
    expect(live.snapshot("counts")).toMatchObject({ ready: true, seq: 2, at: 5 });
    const before = live.snapshot("counts");
    last().say({ t: "patch", topic: "counts:all", from: 2, to: 3, at: 6, set: { a: { n: 7, exact: true } }, del: ["b"] });
    await settle();
    expect(live.snapshot("counts")).not.toBe(before);
    expect([...live.snapshot("counts").entries]).toEqual([["a", { n: 7, exact: true }]]);
  });

  test("after a cut it says what it holds and follows, and shows the old until the new has come (F22, F27)", async () => {
    live.follow("counts");
    live.follow("ticket:1");
    await connect("s1");
    lead("s1", { counts: { topics: ["counts:all"] }, "ticket:1": { topics: ["ticket:1"] } });
    last().say({ t: "patch", topic: "counts:all", from: 0, to: 2, at: 5, set: { a: 1 } });
    last().say({ t: "patch", topic: "ticket:1", from: 0, to: 2, at: 5, set: { ticket: { id: "1" } } });
    await settle();
    last().die();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(FakeSocket.all).toHaveLength(2);
    await connect("s2");
    expect(last().sent[0]).toMatchObject({ t: "hello", epoch: "e1", have: { "counts:all": 2, "ticket:1": 2 }, follow: ["counts", "ticket:1"] });
    await settle();
    expect(live.snapshot("counts").entries.get("a")).toBe(1);
    lead("s2", { counts: { topics: ["counts:all"] }, "ticket:1": { refused: "not_found" } }, 9);
    last().say({ t: "gone", topic: "ticket:1", why: "" });
    last().say({ t: "patch", topic: "counts:all", from: 2, to: 9, at: 8, set: { a: 4 } });
    await settle();
    expect(live.snapshot("counts").entries.get("a")).toBe(4);
    expect(live.snapshot("ticket:1")).toMatchObject({ refused: "not_found" });
    expect(live.snapshot("ticket:1").entries.size).toBe(0);
  });

  test("a patch that does not fit drops the topic and connects without it (F23)", async () => {
    live.follow("counts");
    await connect("s1");
    lead("s1", { counts: { topics: ["counts:all"] } });
    last().say({ t: "patch", topic: "counts:all", from: 0, to: 2, at: 5, set: { a: 1 } });
    last().say({ t: "patch", topic: "counts:all", from: 5, to: 6, at: 5, set: { a: 2 } });
    await vi.advanceTimersByTimeAsync(2_000);
    await connect("s2");
    expect(last().sent[0]!.have).toBeUndefined();
  });

  test("a frame that is no JSON, or of no known type, breaks nothing (F28)", async () => {
    await connect("s1");
    last().say({ t: "something new", x: 1 });
    expect(FakeSocket.all).toHaveLength(1);
    last().onmessage?.({ data: "\u0000" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test("a command is sent again with its key until it is done, and refused for good", async () => {
    await connect("s1");
    const done = live.command("ticket.patch", { id: "1" }, "k1");
    expect(last().of("cmd")).toHaveLength(1);
    last().die();
    await vi.advanceTimersByTimeAsync(2_000);
    await connect("s2");
    expect(last().of("cmd")).toMatchObject([{ key: "k1", kind: "ticket.patch" }]);
    last().say({ t: "done", key: "k1", seq: 5, id: "1", version: 2, changed: true, again: true });
    await expect(done).resolves.toMatchObject({ seq: 5, again: true });
    const refused = live.command("ticket.patch", { id: "1" }, "k2");
    last().say({ t: "done", key: "k2", problem: { kind: "stale", detail: "older" } });
    await expect(refused).rejects.toBeInstanceOf(Refused);
  });

  test("ten minutes offline with 500 changes of mind is one hello (F26)", async () => {
    await connect("s1");
    last().die();
    for (let i = 0; i < 500; i++) live.follow("ticket:" + (i % 7))();
    live.follow("counts");
    await vi.advanceTimersByTimeAsync(600_000);
    await connect("s2");
    await settle();
    expect(last().sent.length).toBeLessThanOrEqual(2);
    expect(last().sent[0]!.follow).toEqual(["counts"]);
  });

  test("follows are counted, stated once a turn, and left after a while", async () => {
    await connect("s1");
    const a = live.follow("counts"), b = live.follow("counts");
    live.follow("views");
    await settle();
    expect(last().of("session")).toMatchObject([{ follow: ["counts", "views"] }]);
    a();
    b();
    await vi.advanceTimersByTimeAsync(LINGER_MS + 1_000);
    expect(last().of("session").at(-1)).toMatchObject({ follow: ["views"] });
  });

  test("heartbeats are answered by the code that renders", async () => {
    await connect("s1");
    last().say({ t: "beat", n: 3, now: 1 });
    expect(last().of("beat")).toMatchObject([{ n: 3 }]);
  });
});
