/** The browser client of Deskwire.
 *
 *     const live = createLive({ account: "acme", token: fetchToken });
 *     const leave = live.follow("counts");
 *     live.subscribe("counts", () => {
 *       for (const [view, count] of live.snapshot("counts").entries) show(view, count);
 *     });
 *     await live.command("message.add", { ticket: "42", kind: "public", body: "Hello" });
 *
 * It connects by itself, comes back by itself, and after any absence is right
 * within one answer of the server. `live.status` says whether what is shown can
 * be believed; show it. PROTOCOL.md has the topics and the commands. */
export { createLive, Live, type Options } from "./live.ts";
export { Refused, type Done } from "./commands.ts";
export type { Status } from "./status.ts";
export type { Snapshot } from "./store.ts";
export type * from "./wire.ts";
