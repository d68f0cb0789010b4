/** One object for an app: follow topics, send commands, know the status. It
 * joins the pure parts to a socket and a clock. */
import { Commands, type Done } from "./commands.ts";
import { initial, step, type Effect, type Event, type State } from "./connection.ts";
import { Session } from "./session.ts";
import { status, type Status } from "./status.ts";
import { Store, type Schedule, type Snapshot } from "./store.ts";
import { SUBPROTOCOL, VERSION, type ClientFrame, type ServerFrame } from "./wire.ts";

export interface Options {
  /** ws:// or wss:// address of the line; default: /live of this page's host. */
  url?: string;
  account: string;
  /** Fetches a token; asked before every connect and when one runs out. */
  token: () => Promise<string>;
  /** Names this build of the app, for the operators. */
  build?: string;
  socket?: (url: string) => WebSocket;
  now?: () => number;
  random?: () => number;
  schedule?: Schedule;
}

export interface Topic extends Snapshot { get(key: string): unknown }

const TICK_MS = 1_000;

export class Live {
  #o: Required<Omit<Options, "build">> & { build: string };
  #state: State;
  #store: Store;
  #session: Session;
  #commands: Commands;
  #socket: WebSocket | undefined;
  #ready = false; // the hello was sent on this socket
  #timer: ReturnType<typeof setInterval>;
  #listeners = new Set<() => void>();
  #status: Status;
  #restate = false;
  #log: string[] = [];

  constructor(o: Options) {
    const url = o.url ?? location.origin.replace(/^http/, "ws") + "/live";
    this.#o = {
      url, account: o.account, token: o.token, build: o.build ?? "", socket: o.socket ?? ((u) => new WebSocket(u, SUBPROTOCOL)),
      now: o.now ?? Date.now, random: o.random ?? Math.random, schedule: o.schedule ?? ((run) => void setTimeout(run, 0)),
    };
    this.#state = initial(this.#o.now());
    this.#status = status(this.#state, this.#o.now());
    this.#store = new Store(this.#o.schedule);
    this.#session = new Session(() => this.#stateSession());
    this.#commands = new Commands((f) => this.#send(f));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#listen();
    this.#event({ type: "start" });
  }

  follow(topic: string): () => void { return this.#session.follow(topic); }

  snapshot(topic: string): Snapshot { return this.#store.snapshot(topic); }

  subscribe(topic: string, fn: () => void): () => void { return this.#store.subscribe(topic, fn); }

  /** Does a command once, however the line behaves. Rejects with Refused. */
  command(kind: string, body: unknown, key?: string): Promise<Done> { return this.#commands.do(kind, body, key); }

  get status(): Status { return this.#status; }

  onStatus(fn: () => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  /** The agent asks to try now. */
  retryNow(): void { this.#event({ type: "retry" }); }

  /** What happened lately, for a report. */
  dump(): string { return this.#log.join("\n"); }

  close(): void {
    this.#send({ t: "bye" });
    clearInterval(this.#timer);
    this.#event({ type: "stop" });
    this.#unlisten();
  }

  #hint = () => this.#event({ type: "hint" });
  #visible = () => document.visibilityState === "visible" && this.#hint();
  #shown = (e: PageTransitionEvent) => e.persisted && this.#hint();

  #listen(): void {
    if (typeof document === "undefined") return;
    document.addEventListener("visibilitychange", this.#visible);
    document.addEventListener("resume", this.#hint);
    addEventListener("online", this.#hint);
    addEventListener("pageshow", this.#shown);
  }

  #unlisten(): void {
    if (typeof document === "undefined") return;
    document.removeEventListener("visibilitychange", this.#visible);
    document.removeEventListener("resume", this.#hint);
    removeEventListener("online", this.#hint);
    removeEventListener("pageshow", this.#shown);
  }

  #tick(): void {
    this.#session.sweep(this.#o.now());
    this.#event({ type: "tick" });
  }

  #event(e: Event): void {
    const was = this.#state.phase;
    const [next, effects] = step(this.#state, e, this.#o.now(), this.#o.random);
    this.#state = next;
    if (next.phase !== was) this.#note(`${was} -> ${next.phase} ${next.reason}`);
    for (const effect of effects) this.#effect(effect);
    this.#tell();
  }

  #note(line: string): void {
    this.#log.push(new Date(this.#o.now()).toISOString() + " " + line);
    if (this.#log.length > 500) this.#log.shift();
  }

  #tell(): void {
    const s = status(this.#state, this.#o.now());
    const o = this.#status;
    if (s.state === o.state && s.banner === o.banner && s.words === o.words) return;
    this.#status = s;
    for (const fn of this.#listeners) fn();
  }

  #effect(e: Effect): void {
    switch (e.do) {
      case "open": return this.#open(e.socket);
      case "close": return this.#drop();
      case "hello": return void this.#hello();
      case "probe": return this.#stateNow();
    }
  }

  #open(n: number): void {
    this.#drop();
    const ws = (this.#socket = this.#o.socket(this.#o.url));
    ws.onopen = () => this.#event({ type: "opened", socket: n });
    ws.onclose = (e) => this.#event({ type: "closed", socket: n, code: e.code });
    ws.onmessage = (e) => this.#receive(n, String(e.data));
  }

  #drop(): void {
    const ws = this.#socket;
    this.#socket = undefined;
    this.#ready = false;
    if (!ws) return;
    ws.onopen = ws.onclose = ws.onmessage = null;
    ws.close();
  }

  async #hello(): Promise<void> {
    const ws = this.#socket;
    let token: string;
    try {
      token = await this.#o.token();
    } catch (err) {
      return this.#event({ type: "fault", reason: "no token: " + String(err) });
    }
    if (ws !== this.#socket || !ws) return;
    const have = this.#store.have(), epoch = this.#store.epoch;
    const held = epoch && Object.keys(have).length > 0 ? { epoch, have } : {};
    this.#ready = true;
    this.#send({ t: "hello", v: VERSION, build: this.#o.build, account: this.#o.account, token, ...held, follow: this.#session.follows() });
  }

  #send(f: ClientFrame): void {
    if (this.#ready && this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(f));
  }

  /** Several changes at once are one statement. */
  #stateSession(): void {
    if (this.#restate) return;
    this.#restate = true;
    queueMicrotask(() => {
      this.#restate = false;
      this.#stateNow();
    });
  }

  #stateNow(): void { this.#send({ t: "session", follow: this.#session.follows() }); }

  #receive(socket: number, data: string): void {
    let f: ServerFrame;
    try {
      f = JSON.parse(data) as ServerFrame;
    } catch {
      return this.#event({ type: "fault", reason: "a frame that is not JSON" });
    }
    if (f.t === "patch" && !this.#store.patch(f)) return this.#event({ type: "fault", reason: `a patch of ${f.topic} from ${f.from} did not fit` });
    this.#handle(f);
    if (f.t === "bye") this.#event({ type: "bye", socket, action: f.action ?? "retry", retryMs: f.retry_ms ?? 0, reason: f.reason ?? "", code: f.code ?? 0 });
    else this.#event({ type: "frame", socket, kind: f.t, ...(f.beat_ms ? { beatMs: f.beat_ms } : {}) });
  }

  #handle(f: ServerFrame): void {
    switch (f.t) {
      case "welcome":
        this.#store.welcome(f.session ?? "", f.epoch ?? "");
        return this.#commands.resend();
      case "gone": return this.#store.gone(f.topic ?? "");
      case "beat": return this.#send({ t: "beat", n: f.n ?? 0 });
      case "done": return this.#commands.done(f, (run, ms) => void setTimeout(run, ms));
      case "renew": return void this.#o.token().then((token) => this.#send({ t: "token", token }), () => {});
    }
  }
}

/** Opens the line. It connects at once and stays connected until close. */
export const createLive = (o: Options): Live => new Live(o);
