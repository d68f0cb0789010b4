import type { Field } from "@deskwire/client";
import { useId, useState } from "react";
import { useAgents, useTeams } from "./desk.ts";
import { label } from "./format.ts";
import { editor } from "./tree.ts";

interface Props { field: Field; is: string; value: unknown; onChange: (v: unknown) => void }

/** What a value can be, with the words for it. */
function useOptions(f: Field): [string, string][] {
  const agents = [...useAgents().values()].map((a): [string, string] => [a.id, a.name]), teams = [...useTeams().values()].map((t): [string, string] => [t.id, t.name]);
  switch (f.key) {
    case "assignee_agent": case "follower": case "participant": return [["@me", "Me"], ["@nobody", "Nobody"], ...agents];
    case "read_by": return [["@me", "Me"], ...agents];
    case "assignee_team": return [["@my_teams", "My teams"], ["@nobody", "No team"], ...teams];
    case "requester_org": return [["@me.organization", "My organization"]];
  }
  return f.options?.map((o): [string, string] => [o, label(o)]) ?? [];
}

export function Operand(p: Props) {
  const options = useOptions(p.field);
  switch (editor(p.field, p.is)) {
    case "none": return null;
    case "bool": return <select aria-label="Value" value={String(p.value)} onChange={(e) => p.onChange(e.target.value === "true")}><option value="true">yes</option><option value="false">no</option></select>;
    case "number": return <input type="number" step="any" aria-label="Value" value={Number(p.value)} onChange={(e) => p.onChange(Number(e.target.value))} />;
    case "numbers": return <Pair type="number" value={p.value as number[]} onChange={(v) => p.onChange(v.map(Number))} />;
    case "span": return <Span value={String(p.value)} onChange={p.onChange} />;
    case "instant": return <input type="datetime-local" aria-label="Value" value={local(String(p.value))} onChange={(e) => e.target.value && p.onChange(new Date(e.target.value).toISOString())} />;
    case "instants": return <Pair type="datetime-local" value={(p.value as string[]).map(local)} onChange={(v) => p.onChange(v.map((x) => new Date(x).toISOString()))} />;
    case "words": return <Words options={options} value={(p.value as string[] | undefined) ?? []} onChange={p.onChange} />;
    case "word": return <Word options={options} value={String(p.value ?? "")} onChange={p.onChange} />;
    case "text": return <input aria-label="Value" value={String(p.value ?? "")} placeholder="words" onChange={(e) => p.onChange(e.target.value)} />;
  }
}

const local = (iso: string) => {
  const d = new Date(iso);
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

function Pair({ type, value, onChange }: { type: string; value: (string | number)[]; onChange: (v: string[]) => void }) {
  const [a, b] = [String(value[0] ?? ""), String(value[1] ?? "")];
  return <span className="pair"><input type={type} aria-label="From" value={a} onChange={(e) => onChange([e.target.value, b])} /> and <input type={type} aria-label="To" value={b} onChange={(e) => onChange([a, e.target.value])} /></span>;
}

const UNITS: [string, string][] = [["m", "minutes"], ["h", "hours"], ["d", "days"], ["w", "weeks"]];

function Span({ value, onChange }: { value: string; onChange: (v: string) => void }) {
  const m = /^(\d+)([a-z])$/.exec(value), n = m?.[1] ?? "1", unit = m?.[2] ?? "h";
  return (
    <span className="pair">
      <input type="number" min={1} aria-label="How long" value={n} onChange={(e) => onChange(`${Math.max(1, Number(e.target.value))}${unit}`)} />
      <select aria-label="Unit" value={unit} onChange={(e) => onChange(n + e.target.value)}>{UNITS.map(([u, words]) => <option key={u} value={u}>{words}</option>)}{!UNITS.some(([u]) => u === unit) && <option value={unit}>{unit}</option>}</select>
    </span>
  );
}

function Word({ options, value, onChange }: { options: [string, string][]; value: string; onChange: (v: string) => void }) {
  if (options.length === 0) return <input aria-label="Value" value={value} onChange={(e) => onChange(e.target.value)} />;
  return <select aria-label="Value" value={value} onChange={(e) => onChange(e.target.value)}>{!options.some(([v]) => v === value) && <option value={value}>{value}</option>}{options.map(([v, w]) => <option key={v} value={v}>{w}</option>)}</select>;
}

/** Several values as chips, with suggestions where there are any. */
function Words({ options, value, onChange }: { options: [string, string][]; value: string[]; onChange: (v: string[]) => void }) {
  const [text, setText] = useState(""), id = useId();
  const add = (typed: string) => {
    const v = options.find(([x, w]) => x === typed || w.toLowerCase() === typed.toLowerCase())?.[0] ?? typed;
    if (v && !value.includes(v)) onChange([...value, v]);
    setText("");
  };
  const name = (v: string) => options.find(([x]) => x === v)?.[1] ?? v;
  return (
    <span className="chips">
      {value.map((v) => <span key={v} className="tag">{name(v)}<button type="button" aria-label={`Remove ${name(v)}`} onClick={() => onChange(value.filter((x) => x !== v))}>×</button></span>)}
      <input aria-label="Add a value" list={id} value={text} placeholder="add…" onChange={(e) => { const t = e.target.value; options.some(([x, w]) => x === t || w === t) ? add(t) : setText(t); }}
        onKeyDown={(e) => { if (e.key === "Enter") { e.preventDefault(); add(text.trim()); } }} onBlur={() => text.trim() && add(text.trim())} />
      <datalist id={id}>{options.filter(([v]) => !value.includes(v)).map(([v, w]) => <option key={v} value={w} />)}</datalist>
    </span>
  );
}
