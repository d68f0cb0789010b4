/** The twin of the server's waist: named, versioned state, brought on by
 * patches. A logical topic is the union of the concrete ones that the session's
 * guide leads to. */
import type { Lead, ServerFrame } from "./wire.ts";

interface Concrete { seq: number; at: number; entries: Map<string, unknown> }

/** A logical topic as it is now. The object changes when its content does, and
 * only then, so it can be compared by identity. */
export interface Snapshot {
  readonly entries: ReadonlyMap<string, unknown>;
  /** All its concrete topics have come. */
  readonly ready: boolean;
  readonly refused: string | undefined;
  readonly seq: number;
  /** The account's time of seq, in milliseconds. */
  readonly at: number;
}

const EMPTY: Snapshot = { entries: new Map(), ready: false, refused: undefined, seq: 0, at: 0 };

export type Schedule = (run: () => void) => void;

export class Store {
  #concrete = new Map<string, Concrete>();
  #leads = new Map<string, Lead>();
  #snapshots = new Map<string, Snapshot>();
  #listeners = new Map<string, Set<() => void>>();
  #stale = new Set<string>();
  #scheduled = false;
  #schedule: Schedule;
  session = "";
  epoch = "";

  constructor(schedule: Schedule) { this.#schedule = schedule; }

  /** What the next hello says it holds. The guide of an ended session is not it. */
  have(): Record<string, number> {
    const out: Record<string, number> = {};
    for (const [name, t] of this.#concrete) if (!name.startsWith("session:")) out[name] = t.seq;
    return out;
  }

  /** A new connection: what was held of another epoch will be started over. */
  welcome(session: string, epoch: string): void {
    this.#concrete.delete("session:" + this.session);
    if (epoch !== this.epoch) for (const t of this.#concrete.values()) t.seq = 0;
    this.session = session;
    this.epoch = epoch;
  }

  /** Applies a patch; false is a fault: the topic is dropped, reconnect. */
  patch(f: ServerFrame): boolean {
    const name = f.topic ?? "", from = f.from ?? 0;
    let t = this.#concrete.get(name);
    if (from === 0) this.#concrete.set(name, (t = { seq: 0, at: 0, entries: new Map() }));
    else if (!t || t.seq !== from) {
      this.#concrete.delete(name);
      return false;
    }
    for (const [key, value] of Object.entries(f.set ?? {})) t.entries.set(key, value);
    for (const key of f.del ?? []) t.entries.delete(key);
    t.seq = f.to ?? 0;
    t.at = f.at ?? 0;
    if (name === "session:" + this.session) this.#lead(t);
    else this.#touch(name);
    return true;
  }

  gone(name: string): void {
    this.#concrete.delete(name);
    this.#touch(name);
  }

  #lead(guide: Concrete): void {
    this.#leads = new Map([...guide.entries].filter(([k]) => k !== "") as [string, Lead][]);
    for (const logical of this.#listeners.keys()) this.#stale.add(logical);
    for (const logical of this.#snapshots.keys()) this.#stale.add(logical);
    this.#notify();
  }

  #touch(name: string): void {
    for (const [logical, lead] of this.#leads) if (lead.topics?.includes(name)) this.#stale.add(logical);
    this.#notify();
  }

  #notify(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      const stale = [...this.#stale];
      this.#stale.clear();
      for (const logical of stale) this.#snapshots.set(logical, this.#union(logical));
      for (const logical of stale) for (const fn of this.#listeners.get(logical) ?? []) fn();
    });
  }

  /** Before the guide of a new session has come, what was held stays. */
  #union(logical: string): Snapshot {
    const lead = this.#leads.get(logical), old = this.#snapshots.get(logical);
    if (!lead) return old ?? EMPTY;
    if (lead.refused) return { ...EMPTY, refused: lead.refused };
    const entries = new Map<string, unknown>();
    let seq = 0, at = 0, ready = true;
    for (const name of lead.topics ?? []) {
      const t = this.#concrete.get(name);
      if (!t) ready = false;
      for (const [k, v] of t?.entries ?? []) entries.set(k, v);
      seq = Math.max(seq, t?.seq ?? 0);
      at = Math.max(at, t?.at ?? 0);
    }
    return ready || !old?.ready ? { entries, ready, refused: undefined, seq, at } : old;
  }

  snapshot(logical: string): Snapshot {
    let s = this.#snapshots.get(logical);
    if (!s) this.#snapshots.set(logical, (s = this.#union(logical)));
    return s;
  }

  subscribe(logical: string, fn: () => void): () => void {
    let set = this.#listeners.get(logical);
    if (!set) this.#listeners.set(logical, (set = new Set()));
    set.add(fn);
    return () => {
      set.delete(fn);
      if (set.size === 0 && this.#listeners.get(logical) === set) {
        this.#listeners.delete(logical);
        this.#snapshots.delete(logical);
      }
    };
  }
}
