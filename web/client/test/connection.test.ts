import { describe, expect, test } from "vitest";
import { CAP_MS, HEALTHY_MS, OPEN_MS, actionOf, delay, initial, step, type Effect, type Event, type State } from "../src/connection.ts";
import { status } from "../src/status.ts";

/** A deterministic generator (mulberry32). */
const rng = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

class World {
  now = 1_000_000;
  state: State = initial(this.now);
  effects: Effect[] = [];
  random = rng(1);
  send(e: Event): this {
    const [s, effects] = step(this.state, e, this.now, this.random);
    this.state = s;
    this.effects.push(...effects);
    return this;
  }
  tick(ms: number, by = 1_000): this {
    for (let t = 0; t < ms; t += by) {
      this.now += by;
      this.send({ type: "tick" });
    }
    return this;
  }
  get opened() { return this.effects.filter((e) => e.do === "open").length; }
  live(): this {
    this.send({ type: "start" });
    return this.up();
  }
  up(): this {
    const socket = this.state.socket;
    return this.send({ type: "opened", socket }).send({ type: "frame", socket, kind: "welcome", beatMs: 15_000 }).send({ type: "frame", socket, kind: "patch" });
  }
}

describe("connection", () => {
  test("live only after the first patch", () => {
    const w = new World().send({ type: "start" });
    w.send({ type: "opened", socket: 1 }).send({ type: "frame", socket: 1, kind: "welcome" });
    expect(w.state.phase).toBe("connecting");
    expect(w.send({ type: "frame", socket: 1, kind: "patch" }).state.phase).toBe("live");
  });

  test("20,000 clients do not come back in step, even at the cap (F9)", () => {
    const random = rng(7), buckets = new Array<number>(CAP_MS / 100).fill(0);
    for (let i = 0; i < 20_000; i++) buckets[Math.min(buckets.length - 1, Math.floor(delay(10, 0, random()) / 100))]!++;
    expect(Math.max(...buckets)).toBeLessThan((3 * 20_000) / buckets.length);
  });

  test("a connection that opens and dies does not reset the back-off (F10)", () => {
    const w = new World().live();
    for (let i = 0; i < 3_600; i++) {
      if (w.state.phase === "connecting") w.up().send({ type: "closed", socket: w.state.socket, code: 1006 });
      w.tick(1_000);
    }
    expect(w.opened).toBeLessThan(350); // an hour, at 15 s on average; 3,600 if it were reset
  });

  test("half a minute of health resets it", () => {
    const w = new World().live().send({ type: "closed", socket: 1, code: 1006 });
    w.tick(CAP_MS).up();
    w.now += HEALTHY_MS;
    w.state.lastTick = w.now;
    w.send({ type: "frame", socket: w.state.socket, kind: "beat" });
    expect(w.state.failures).toBe(0);
  });

  test.each([[1000, "retry"], [1001, "retry"], [1006, "retry"], [1011, "retry"], [1012, "retry"], [1013, "retry"], [4999, "retry"], [4401, "signin"], [4403, "stop"],
    [4426, "reload"], [4429, "wait"], [4503, "wait"], [4408, "retry"]])("close %i means %s (F13)", (code, action) => {
    expect(actionOf(code)).toBe(action);
    const w = new World().live().send({ type: "closed", socket: 1, code });
    expect(w.state.phase).toBe(action === "reload" ? "outdated" : action === "signin" || action === "stop" ? "refused" : "waiting");
    const before = w.opened;
    w.tick(120_000);
    expect(w.opened > before).toBe(action === "retry" || action === "wait");
    if (w.state.phase === "outdated" || w.state.phase === "refused") expect(status(w.state, w.now).banner).toBe("warn");
  });

  test("silence is probed, and an unanswered probe connects anew once (F18)", () => {
    const w = new World().live().tick(23_000);
    expect(w.state.phase).toBe("live");
    w.tick(2_000);
    expect(w.state.phase).toBe("probing");
    w.tick(4_000);
    expect(w.opened).toBe(2);
  });

  test("waking from a short sleep probes, from a long one connects at once, with one socket (F17)", () => {
    const short = new World().live();
    short.now += 12_000;
    short.send({ type: "tick" }).send({ type: "hint" }).send({ type: "hint" });
    expect([short.state.phase, short.opened]).toEqual(["probing", 1]);
    expect(short.effects.filter((e) => e.do === "probe")).toHaveLength(1);
    short.send({ type: "frame", socket: 1, kind: "beat" });
    expect(short.state.phase).toBe("live");
    const long = new World().live();
    long.now += 8 * 3_600_000;
    long.send({ type: "tick" }).send({ type: "hint" });
    expect([long.state.phase, long.opened]).toEqual(["connecting", 2]);
  });

  test("a socket that hangs while opening is given up", () => {
    const w = new World().send({ type: "start" }).tick(OPEN_MS);
    expect(w.state.phase).toBe("waiting");
  });

  test("whatever happens: one socket at a time, and something always follows", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const w = new World(), random = rng(seed);
      let sockets = 0;
      w.send({ type: "start" });
      for (let i = 0; i < 200; i++) {
        const n = w.state.socket - Math.floor(random() * 2);
        const events: Event[] = [{ type: "opened", socket: n }, { type: "frame", socket: n, kind: random() < 0.5 ? "patch" : "beat" }, { type: "closed", socket: n, code: 1006 },
          { type: "hint" }, { type: "tick" }, { type: "retry" }, { type: "fault", reason: "x" }, { type: "bye", socket: n, action: "wait", retryMs: 500, reason: "", code: 4503 }];
        w.now += random() * (random() < 0.05 ? 100_000 : 3_000);
        w.send(events[Math.floor(random() * events.length)]!);
        for (const e of w.effects.splice(0)) sockets = e.do === "open" ? sockets + 1 : e.do === "close" ? 0 : sockets;
        const follows = w.state.phase === "live" || (["probing", "connecting", "waiting"].includes(w.state.phase) && w.state.until < Infinity);
        if (sockets > 1 || !follows) throw new Error(`seed ${seed}, step ${i}: ${sockets} sockets, ${JSON.stringify(w.state)}`);
      }
    }
  });

  test("the banner: nothing, quiet after 2 s, clear after 20 s, gone when live", () => {
    const w = new World().live().send({ type: "closed", socket: 1, code: 1006 });
    const at = (ms: number) => status(w.state, w.state.since + ms).banner;
    expect([at(0), at(1_999), at(2_000), at(19_999), at(20_000)]).toEqual(["none", "none", "quiet", "quiet", "warn"]);
    w.tick(40_000);
    expect(status(w.state, w.now).banner).toBe("warn"); // attempts in between do not reset it
    while (w.state.phase !== "connecting") w.tick(1_000);
    expect(status(w.up().state, w.now).banner).toBe("none");
  });
});
