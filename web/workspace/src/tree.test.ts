import { describe, expect, test } from "vitest";
import type { Condition, Field } from "@deskwire/client";
import { blank, editor, replace, root, rule, toCondition } from "./tree.ts";

const leaf = (field: string): Condition => ({ field, is: "is", value: "x" });

describe("tree", () => {
  test("a condition survives being edited by nobody", () => {
    const c: Condition = { op: "and", of: [leaf("a"), { op: "not", of: { op: "or", of: [leaf("b"), leaf("c")] } }, { field: "d", is: "empty" }] };
    expect(toCondition(root(c))).toEqual(c);
  });
  test("a lone leaf and a negated leaf get a group round them", () => {
    expect(toCondition(root(leaf("a")))).toEqual({ op: "and", of: [leaf("a")] });
    expect(toCondition(root({ op: "not", of: leaf("a") }))).toEqual({ op: "not", of: { op: "and", of: [leaf("a")] } });
  });
  test("a rule is replaced and removed wherever it is", () => {
    const g = root({ op: "and", of: [leaf("a"), { op: "or", of: [leaf("b")] }] });
    const inner = g.of[1]!;
    const b = inner.kind === "group" ? inner.of[0]! : inner;
    expect(toCondition(replace(g, b.id, () => rule("z", "is", "y")))).toEqual({ op: "and", of: [leaf("a"), { op: "or", of: [{ field: "z", is: "is", value: "y" }] }] });
    expect(toCondition(replace(g, b.id, () => null))).toEqual({ op: "and", of: [leaf("a"), { op: "or", of: [] }] });
  });
  test("every operator of every type has an editor and a first operand that fits it", () => {
    const status: Field = { key: "status", name: "Status", type: "enum", options: ["new", "open"], operators: ["in", "is", "empty"] };
    expect([editor(status, "in"), editor(status, "is"), editor(status, "empty")]).toEqual(["words", "word", "none"]);
    expect([blank(status, "in"), blank(status, "is"), blank(status, "empty")]).toEqual([["new"], "new", undefined]);
    const time: Field = { key: "created_at", name: "", type: "time", operators: [] };
    expect([editor(time, "older_than"), editor(time, "before"), editor(time, "between"), editor(time, "today")]).toEqual(["span", "instant", "instants", "none"]);
  });
});
