/** The condition builder's tree: rows and groups with ids for React, to and from
 * the condition as it is sent. */
import type { Condition, Field } from "@deskwire/client";

export interface Group { id: number; kind: "group"; op: "and" | "or"; not: boolean; of: Node[] }
export interface Rule { id: number; kind: "rule"; field: string; is: string; value: unknown }
export type Node = Group | Rule;

/** Groups nest at most so deep; the server allows four nodes above a leaf. */
export const MAX_DEPTH = 2;

let last = 0;
export const group = (op: "and" | "or" = "and", of: Node[] = []): Group => ({ id: ++last, kind: "group", op, not: false, of });
export const rule = (field: string, is: string, value: unknown): Rule => ({ id: ++last, kind: "rule", field, is, value });
/** What a new row begins with. */
export const firstRule = (): Rule => rule("status", "in", ["new", "open"]);

export function toCondition(n: Node): Condition {
  if (n.kind === "rule") return n.value === undefined ? { field: n.field, is: n.is } : { field: n.field, is: n.is, value: n.value };
  const c: Condition = { op: n.op, of: n.of.map(toCondition) };
  return n.not ? { op: "not", of: c } : c;
}

export function fromCondition(c: Condition): Node {
  if ("field" in c) return rule(c.field, c.is, c.value);
  if (c.op !== "not") return { ...group(c.op), of: c.of.map(fromCondition) };
  const inner = fromCondition(c.of);
  if (inner.kind === "group" && !inner.not) return { ...inner, not: true };
  return { ...group("and", [inner]), not: true };
}

/** The root is always a group. */
export function root(c: Condition): Group {
  const n = fromCondition(c);
  return n.kind === "group" ? n : group("and", [n]);
}

export function replace(n: Group, id: number, change: (n: Node) => Node | null): Group {
  const of = n.of.flatMap((k) => {
    if (k.id === id) return change(k) ?? [];
    return k.kind === "group" ? replace(k, id, change) : k;
  });
  return { ...n, of };
}

const LISTS = new Set(["in", "not_in", "has_all", "has_any", "has_none"]);
const BARE = new Set(["empty", "not_empty", "today", "this_week"]);
const SPANS = new Set(["older_than", "newer_than", "within_next", "within_last", "older_than_business", "newer_than_business"]);

export type Editor = "none" | "words" | "word" | "text" | "number" | "numbers" | "span" | "instant" | "instants" | "bool";

/** How the operand of a rule is edited. */
export function editor(f: Field, is: string): Editor {
  if (BARE.has(is)) return "none";
  if (SPANS.has(is)) return "span";
  if (f.type === "time") return is === "between" ? "instants" : "instant";
  if (f.type === "bool") return "bool";
  if (f.type === "number") return is === "between" ? "numbers" : "number";
  if (f.type === "text") return "text";
  return LISTS.has(is) ? "words" : "word";
}

/** A first operand, so that a new rule is valid at once where it can be. */
export function blank(f: Field, is: string): unknown {
  switch (editor(f, is)) {
    case "none": return undefined;
    case "words": return f.options?.length ? [f.options[0]] : [];
    case "word": return f.options?.[0] ?? (f.key.startsWith("assignee_agent") ? "@me" : f.key === "assignee_team" ? "@my_teams" : "");
    case "text": return "";
    case "number": return 0;
    case "numbers": return [0, 1];
    case "span": return "24h";
    case "bool": return true;
    case "instant": return new Date().toISOString().slice(0, 11) + "00:00:00Z";
    case "instants": return [new Date().toISOString().slice(0, 11) + "00:00:00Z", new Date().toISOString().slice(0, 11) + "23:59:59Z"];
  }
}

const WORDS: Record<string, string> = {
  is: "is", is_not: "is not", in: "is one of", not_in: "is none of", empty: "is empty", not_empty: "is set", has_all: "has all of", has_any: "has any of",
  has_none: "has none of", contains: "contains", not_contains: "does not contain", starts_with: "starts with", eq: "=", ne: "≠", lt: "is below", le: "≤", gt: "is above",
  ge: "≥", between: "is between", before: "is before", after: "is after", older_than: "is older than", newer_than: "is newer than", within_next: "is within the next",
  within_last: "is within the last", today: "is today", this_week: "is this week", older_than_business: "is older than (opening hours)", newer_than_business: "is newer than (opening hours)",
};
export const words = (is: string): string => WORDS[is] ?? is;
