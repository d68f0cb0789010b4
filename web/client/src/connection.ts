/** When to connect, how long to wait, and what a close means: a pure machine.
 *
 * Events and the time go in; a new state and effects, as data, come out. It has
 * no timer, socket or clock of its own, so every path can be tested. */
import type { Action } from "./wire.ts";

export const BASE_MS = 1_000;
export const CAP_MS = 30_000;
/** A connection must have been healthy for so long before failures are forgotten (F10). */
export const HEALTHY_MS = 30_000;
/** The first frame must come within this time of asking for a socket. */
export const OPEN_MS = 5_000;
/** A probe must be answered by any byte within this time. */
export const PROBE_MS = 3_000;
/** Silence of so many heartbeat periods makes the client probe. */
export const SILENT_PERIODS = 1.6;
/** After a gap in time longer than this the server has given the session up. */
export const SERVER_TIMEOUT_MS = 60_000;
/** A tick that comes later than this tells of sleep. */
export const WAKE_GAP_MS = 4_000;

export type Phase = "idle" | "connecting" | "live" | "probing" | "waiting" | "outdated" | "refused" | "closed";

export interface State {
  phase: Phase;
  /** Since when it is live, or since when it is not. */
  since: number;
  /** The last byte from the server. */
  heard: number;
  /** The last patch applied; 0 for never. */
  synced: number;
  /** Failures in a row, for the back-off. */
  failures: number;
  /** What the phase waits for: a deadline or the next attempt. */
  until: number;
  beatMs: number;
  reason: string;
  lastTick: number;
  /** Numbers the sockets, so that an old one's events are ignored. */
  socket: number;
}

export type Event =
  | { type: "start" } | { type: "stop" }
  | { type: "opened"; socket: number }
  | { type: "frame"; socket: number; kind: string; beatMs?: number }
  | { type: "bye"; socket: number; action: Action; retryMs: number; reason: string; code: number }
  | { type: "closed"; socket: number; code: number }
  | { type: "fault"; reason: string }
  | { type: "hint" } // visible, online, focus, shown again: perhaps it is time to look
  | { type: "retry" } // the user asks for it
  | { type: "tick" };

export type Effect = { do: "open"; socket: number } | { do: "hello" } | { do: "close"; socket: number } | { do: "probe" };

export const initial = (now: number): State => ({
  phase: "idle", since: now, heard: 0, synced: 0, failures: 0, until: Infinity, beatMs: 15_000, reason: "", lastTick: now, socket: 0,
});

type Step = [State, Effect[]];

/** Full jitter after the cap (F9): anywhere between 0 and the back-off; a
 * server's wish is a floor, spread by half. */
export function delay(failures: number, floorMs: number, random: number): number {
  const window = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures, 20));
  return floorMs > 0 ? floorMs * (0.5 + random) : random * window;
}

export function step(s: State, e: Event, now: number, random: () => number): Step {
  switch (e.type) {
    case "start": return s.phase === "idle" ? open(s, now) : [s, []];
    case "stop": return [{ ...s, phase: "closed", since: now, until: Infinity }, [{ do: "close", socket: s.socket }]];
    case "opened": return e.socket === s.socket && s.phase === "connecting" ? [{ ...s, heard: now }, [{ do: "hello" }]] : [s, []];
    case "frame": return e.socket === s.socket ? frame(s, e, now) : [s, []];
    case "bye": return e.socket === s.socket ? ended(s, e.action, e.retryMs, e.reason, now, random) : [s, []];
    case "closed": return e.socket === s.socket ? lost(s, e.code, now, random) : [s, []];
    case "fault": return running(s) ? ended(s, "retry", 0, e.reason, now, random) : [s, []];
    case "hint": return hint(s, now);
    case "retry": return s.phase === "waiting" || s.phase === "refused" ? open({ ...s, failures: 0 }, now) : hint(s, now);
    case "tick": return tick(s, now, random);
  }
}

const running = (s: State) => s.phase === "connecting" || s.phase === "live" || s.phase === "probing";

function open(s: State, now: number): Step {
  const socket = s.socket + 1;
  const since = s.phase === "waiting" ? s.since : now; // away since the line was lost, not since this attempt
  return [{ ...s, phase: "connecting", since, until: now + OPEN_MS, socket }, [{ do: "open", socket }]];
}

function frame(s: State, e: { kind: string; beatMs?: number }, now: number): Step {
  if (!running(s)) return [s, []];
  const next = { ...s, heard: now };
  if (e.beatMs) next.beatMs = e.beatMs;
  if (e.kind === "patch") {
    next.synced = now;
    if (s.phase === "connecting") return [{ ...next, phase: "live", since: now, until: Infinity, reason: "" }, []];
  }
  if (s.phase === "connecting") next.until = now + OPEN_MS;
  if (s.phase === "probing") return [{ ...next, phase: "live", until: Infinity }, []];
  if (s.phase === "live" && s.failures > 0 && now - s.since >= HEALTHY_MS) next.failures = 0;
  return [next, []];
}

/** What a close code means when no bye came before it. */
export function actionOf(code: number): Action {
  switch (code) {
    case 4401: return "signin";
    case 4400: case 4403: case 4413: return "stop";
    case 4426: return "reload";
    case 4429: case 4503: return "wait";
    default: return "retry";
  }
}

function lost(s: State, code: number, now: number, random: () => number): Step {
  if (!running(s)) return [s, []];
  return ended(s, actionOf(code), 0, `closed with ${code}`, now, random);
}

function ended(s: State, action: Action, retryMs: number, reason: string, now: number, random: () => number): Step {
  const close: Effect[] = [{ do: "close", socket: s.socket }];
  const next = { ...s, since: s.phase === "live" || s.phase === "probing" ? now : s.since, reason };
  switch (action) {
    case "signin": case "stop": return [{ ...next, phase: "refused", until: Infinity }, close];
    case "reload": return [{ ...next, phase: "outdated", until: Infinity }, close];
    case "wait": case "retry": {
      const until = now + delay(s.failures, action === "wait" ? Math.max(retryMs, 1_000) : retryMs, random());
      return [{ ...next, phase: "waiting", failures: s.failures + 1, until }, close];
    }
  }
}

/** One probe at a time: a hint while one runs changes nothing. */
function hint(s: State, now: number): Step {
  if (s.phase === "live") return [{ ...s, phase: "probing", until: now + PROBE_MS }, [{ do: "probe" }]];
  if (s.phase === "waiting" && s.failures <= 1) return open(s, now);
  return [s, []];
}

function tick(s: State, now: number, random: () => number): Step {
  const gap = now - s.lastTick;
  const t = { ...s, lastTick: now };
  if (running(t) && gap > SERVER_TIMEOUT_MS) return reopen(t, now);
  if (t.phase === "live" && gap > WAKE_GAP_MS) return hint(t, now);
  switch (t.phase) {
    case "connecting": return now >= t.until ? ended(t, "retry", 0, "no answer came in time", now, random) : [t, []];
    case "probing": return now >= t.until ? reopen(t, now) : [t, []];
    case "live": return now - t.heard > t.beatMs * SILENT_PERIODS ? hint(t, now) : [t, []];
    case "waiting": return now >= t.until ? open(t, now) : [t, []];
    default: return [t, []];
  }
}

/** The line is dead and it was not the server's fault: once more, at once. */
function reopen(s: State, now: number): Step {
  const [next, effects] = open({ ...s, failures: s.failures + 1 }, now);
  return [next, [{ do: "close", socket: s.socket }, ...effects]];
}
