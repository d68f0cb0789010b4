/** The order of a list, and how it holds still under the pointer: pure. */
import type { Sort, Ticket } from "@deskwire/client";

const RANKS: Record<string, readonly string[]> = {
  status: ["new", "open", "pending", "on_hold", "solved", "closed"],
  priority: ["low", "normal", "high", "urgent"],
};

function key(t: Ticket, field: string): number | undefined {
  const v = t[field];
  if (v === undefined || v === null || v === "") return undefined;
  const ranks = RANKS[field];
  if (ranks) return ranks.indexOf(String(v));
  if (typeof v === "number") return v;
  const at = Date.parse(String(v));
  return Number.isNaN(at) ? undefined : at;
}

/** By the field, then by id; tickets without the field last in both directions (VC-13). */
export function compare(a: Ticket, b: Ticket, sort: Sort): number {
  const field = sort.field || "updated_at", x = key(a, field), y = key(b, field);
  if (x === undefined || y === undefined) {
    if (x !== y) return x === undefined ? 1 : -1;
  } else if (x !== y) return sort.asc ? x - y : y - x;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export interface Row { ticket: Ticket; left: boolean }
export interface Shown { rows: Row[]; fresh: number }

/** The rows to show. While held, rows keep their places: those that changed are
 * shown as they are now, those that left are marked, and those that came wait,
 * counted in fresh. */
export function arrange(tickets: readonly Ticket[], sort: Sort, held: readonly Row[] | undefined): Shown {
  const sorted = [...tickets].sort((a, b) => compare(a, b, sort));
  if (!held) return { rows: sorted.map((ticket) => ({ ticket, left: false })), fresh: 0 };
  const now = new Map(sorted.map((t) => [t.id, t]));
  const rows = held.map(({ ticket }) => ({ ticket: now.get(ticket.id) ?? ticket, left: !now.has(ticket.id) }));
  for (const { ticket } of held) now.delete(ticket.id);
  return { rows, fresh: now.size };
}
