import type { Field } from "@deskwire/client";
import type { Fault } from "./builder.tsx";
import { Operand } from "./operand.tsx";
import { MAX_DEPTH, blank, group, replace, firstRule, words, type Group, type Node, type Rule } from "./tree.ts";

interface Props { node: Group; fields: ReadonlyMap<string, Field>; depth: number; fault: Fault | undefined; pointer: string; onChange: (g: Group) => void; onRemove?: () => void }

export function GroupEditor({ node, fields, depth, fault, pointer, onChange, onRemove }: Props) {
  const base = node.not ? pointer + "/of" : pointer;
  const add = (n: Node) => onChange({ ...node, of: [...node.of, n] });
  const meaning = (node.not ? "not-" : "") + node.op;
  return (
    <fieldset className="group" data-depth={depth}>
      <legend>
        <select aria-label="How the conditions join" value={meaning} onChange={(e) => onChange({ ...node, op: e.target.value.endsWith("or") ? "or" : "and", not: e.target.value.startsWith("not") })}>
          <option value="and">All of these</option><option value="or">Any of these</option><option value="not-or">None of these</option><option value="not-and">Not all of these</option>
        </select>
        {onRemove && <button type="button" className="remove" aria-label="Remove group" onClick={onRemove}>×</button>}
      </legend>
      {node.of.map((n, i) => {
        const at = `${base}/of/${i}`, put = (m: Node | null) => onChange(replace(node, n.id, () => m));
        return n.kind === "group" ? <GroupEditor key={n.id} node={n} fields={fields} depth={depth + 1} fault={fault} pointer={at} onChange={put} onRemove={() => put(null)} />
          : <RuleEditor key={n.id} node={n} fields={fields} fault={fault?.pointer.startsWith(at) ? fault : undefined} onChange={put} />;
      })}
      <div className="add">
        <button type="button" className="button quietly" onClick={() => add(firstRule())}>+ Condition</button>
        {depth < MAX_DEPTH && <button type="button" className="button quietly" onClick={() => add(group("or", [firstRule()]))}>+ Group</button>}
      </div>
    </fieldset>
  );
}

function RuleEditor({ node, fields, fault, onChange }: { node: Rule; fields: ReadonlyMap<string, Field>; fault: Fault | undefined; onChange: (n: Rule | null) => void }) {
  const f = fields.get(node.field);
  const choose = (key: string) => {
    const g = fields.get(key), is = g?.operators[0] ?? "is";
    if (g) onChange({ ...node, field: key, is, value: blank(g, is) });
  };
  return (
    <div className="rule" data-fault={!!fault}>
      <select aria-label="Field" value={node.field} onChange={(e) => choose(e.target.value)}>
        {!f && <option value={node.field}>{node.field}</option>}
        {[...fields.values()].sort((a, b) => a.name.localeCompare(b.name)).map((x) => <option key={x.key} value={x.key}>{x.name}</option>)}
      </select>
      <select aria-label="Operator" value={node.is} onChange={(e) => f && onChange({ ...node, is: e.target.value, value: blank(f, e.target.value) })}>
        {(f?.operators ?? [node.is]).map((o) => <option key={o} value={o}>{words(o)}</option>)}
      </select>
      {f && <Operand field={f} is={node.is} value={node.value} onChange={(value) => onChange({ ...node, value })} />}
      <button type="button" className="remove" aria-label="Remove condition" onClick={() => onChange(null)}>×</button>
      {fault && <p className="fault">{fault.detail}</p>}
    </div>
  );
}
