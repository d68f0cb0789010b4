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
 * counted in fresh. The open ticket keeps a row even when it has left, so that
 * the next one is still next to it. */
export function arrange(tickets: readonly Ticket[], sort: Sort, held: readonly Row[] | undefined, open?: Ticket): Shown {
  const now = new Map(tickets.map((t) => [t.id, t]));
  if (!held) {
    const shown = open && !now.has(open.id) ? [...tickets, open] : [...tickets];
    return { rows: shown.sort((a, b) => compare(a, b, sort)).map((ticket) => ({ ticket, left: !now.has(ticket.id) })), fresh: 0 };
  }
  const rows = held.map(({ ticket }) => ({ ticket: now.get(ticket.id) ?? ticket, left: !now.has(ticket.id) }));
  for (const { ticket } of held) now.delete(ticket.id);
  return { rows, fresh: now.size };
}
