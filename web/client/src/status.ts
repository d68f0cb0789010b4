/** What to tell the agent about the connection: a pure function of its state and
 * the time, so a banner can neither stick nor be forgotten. */
import type { State } from "./connection.ts";

/** Nothing is said for so long, then quietly, then clearly. */
export const QUIET_MS = 2_000;
export const WARN_MS = 20_000;

export interface Status {
  state: "live" | "catching up" | "reconnecting" | "outdated" | "refused" | "closed";
  banner: "none" | "quiet" | "warn";
  words: string;
  /** When the screen was last known to be right; 0 for never. */
  lastUpdate: number;
  /** Numbers may be shown as they are. */
  fresh: boolean;
}

const clock = (ms: number) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function status(s: State, now: number): Status {
  const lastUpdate = s.heard;
  const make = (state: Status["state"], banner: Status["banner"], words: string): Status => ({ state, banner, words, lastUpdate, fresh: state === "live" });
  switch (s.phase) {
    case "live": return make("live", "none", "Live");
    case "outdated": return make("outdated", "warn", "This page is too old for the server. Reload it when your drafts are sent.");
    case "refused": return make("refused", "warn", "You are signed out of live updates. Sign in again.");
    case "closed": case "idle": return make("closed", "none", "");
  }
  if (s.phase === "probing") return make("live", "none", "Live"); // three seconds at most
  const away = now - s.since;
  const state = s.failures === 0 && s.synced === 0 ? "catching up" : "reconnecting";
  if (away < QUIET_MS) return make(state, "none", "");
  if (away < WARN_MS) return make(state, "quiet", "Reconnecting…");
  const last = s.heard ? ` (last update ${clock(s.heard)})` : "";
  return make(state, "warn", `Not connected to live updates. Numbers may be old${last}.`);
}
