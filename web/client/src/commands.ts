/** Commands: sent until a done frame names their key, by whichever connection
 * there is. The server does each key once. */
import type { Problem, ServerFrame } from "./wire.ts";

export interface Done { seq: number; id: string; version: number; changed: boolean; again: boolean }

/** A command that was refused. */
export class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "Refused";
    this.problem = problem;
  }
}

interface Pending { key: string; kind: string; body: unknown; resolve: (d: Done) => void; reject: (e: Error) => void }

export class Commands {
  #pending = new Map<string, Pending>();
  #send: (frame: { t: "cmd"; key: string; kind: string; body: unknown }) => void;

  constructor(send: (frame: { t: "cmd"; key: string; kind: string; body: unknown }) => void) { this.#send = send; }

  do(kind: string, body: unknown, key: string = crypto.randomUUID()): Promise<Done> {
    return new Promise((resolve, reject) => {
      this.#pending.set(key, { key, kind, body, resolve, reject });
      this.#send({ t: "cmd", key, kind, body });
    });
  }

  /** After a reconnect: everything without an answer, again, in its order. */
  resend(): void {
    for (const { key, kind, body } of this.#pending.values()) this.#send({ t: "cmd", key, kind, body });
  }

  done(f: ServerFrame, later: (run: () => void, ms: number) => void): void {
    const p = this.#pending.get(f.key ?? "");
    if (!p) return;
    if (f.problem?.kind === "unavailable") {
      later(() => this.#pending.has(p.key) && this.#send({ t: "cmd", key: p.key, kind: p.kind, body: p.body }), f.problem.retry_ms ?? 1_000);
      return;
    }
    this.#pending.delete(p.key);
    if (f.problem) p.reject(new Refused(f.problem));
    else p.resolve({ seq: f.seq ?? 0, id: f.id ?? "", version: f.version ?? 0, changed: f.changed ?? false, again: f.again ?? false });
  }

  get waiting(): number { return this.#pending.size; }
}
