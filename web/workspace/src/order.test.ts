import { describe, expect, test } from "vitest";
import type { Ticket } from "@deskwire/client";
import { arrange, compare } from "./order.ts";

const ticket = (id: string, updated?: number, more: Partial<Ticket> = {}): Ticket =>
  ({ id, version: 1, subject: id, status: "open", message_count: 0, ...(updated ? { updated_at: new Date(updated).toISOString() } : {}), ...more }) as Ticket;
const ids = (rows: { ticket: Ticket }[]) => rows.map((r) => r.ticket.id).join("");

describe("order", () => {
  test("newest first, then by id, and those without the key last either way (VC-13)", () => {
    const all = [ticket("c"), ticket("b", 1), ticket("a", 1), ticket("d", 2)];
    expect(ids(arrange(all, {}, undefined).rows)).toBe("dabc");
    expect(ids(arrange(all, { asc: true }, undefined).rows)).toBe("abdc");
  });
  test("status and priority by their rank", () => {
    expect(compare(ticket("a", 1, { priority: "urgent" }), ticket("b", 1, { priority: "low" }), { field: "priority" })).toBeLessThan(0);
    expect(compare(ticket("a", 1), ticket("b", 1, { priority: "low" }), { field: "priority" })).toBeGreaterThan(0);
  });
  test("held rows stay where they are whatever comes, goes or changes", () => {
    const held = arrange([ticket("a", 3), ticket("b", 2), ticket("c", 1)], {}, undefined).rows;
    const shown = arrange([ticket("c", 9), ticket("x", 8), ticket("a", 3)], {}, held);
    expect(ids(shown.rows)).toBe("abc");
    expect(shown.rows.map((r) => r.left)).toEqual([false, true, false]);
    expect(shown.rows[2]!.ticket.updated_at).toBe(new Date(9).toISOString());
    expect(shown.fresh).toBe(1);
    expect(arrange([], {}, undefined, ticket("o", 5)).rows.map((r) => [r.ticket.id, r.left])).toEqual([["o", true]]);
    expect(arrange([ticket("o", 6)], {}, undefined, ticket("o", 5)).rows.map((r) => [r.ticket.id, r.left])).toEqual([["o", false]]);
    expect(ids(arrange([ticket("c", 9), ticket("x", 8), ticket("a", 3)], {}, undefined).rows)).toBe("cxa");
  });
});
