/** The session document: what this browser follows, counted by who needs it and
 * stated whole. */

/** A topic that nobody needs any more is followed so much longer, so that going
 * back and forth does not load it anew. */
export const LINGER_MS = 2_000;

export class Session {
  #refs = new Map<string, number>();
  #left = new Map<string, number>();
  #changed: () => void;

  constructor(changed: () => void) { this.#changed = changed; }

  follow(topic: string): () => void {
    const refs = this.#refs.get(topic) ?? 0;
    this.#refs.set(topic, refs + 1);
    if (refs === 0 && !this.#left.delete(topic)) this.#changed();
    let done = false;
    return () => {
      if (done) return;
      done = true;
      const n = (this.#refs.get(topic) ?? 1) - 1;
      if (n > 0) this.#refs.set(topic, n);
      else {
        this.#refs.delete(topic);
        this.#left.set(topic, Date.now());
      }
    };
  }

  /** Forgets what was left a while ago. */
  sweep(now: number): void {
    let changed = false;
    for (const [topic, at] of this.#left) if (now - at >= LINGER_MS) changed = this.#left.delete(topic) || changed;
    if (changed) this.#changed();
  }

  follows(): string[] { return [...this.#refs.keys(), ...this.#left.keys()].sort(); }
}
