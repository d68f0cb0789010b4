import type { Condition, Field, View, Warning } from "@deskwire/client";
import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asked, Problem } from "./api.ts";
import { command, useDesk, useFields, useAgents, useTeams, type Desk } from "./desk.ts";
import { GroupEditor } from "./group.tsx";
import { go } from "./route.ts";
import { group, root, firstRule, toCondition, type Group } from "./tree.ts";

/** A view to edit, one to begin from, or neither. */
export interface Draft { view?: View; from?: View }

interface Preview { count: number; warnings?: Warning[]; sample?: { id: string; subject: string; requester_name?: string }[] }

const PREVIEW_MS = 250;

function useSettled<T>(value: T, ms: number): T {
  const [settled, set] = useState(value);
  useEffect(() => {
    const id = setTimeout(() => set(value), ms);
    return () => clearTimeout(id);
  }, [value, ms]);
  return settled;
}

export function Builder({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const desk = useDesk();
  const fields = useFields();
  const me = useAgents().get(desk.who.agent);
  const from = draft.view ?? draft.from;
  const [name, setName] = useState(draft.view?.name ?? (from ? from.name + " (copy)" : ""));
  const [kind, setKind] = useState<View["kind"]>(draft.view?.kind ?? "private");
  const [teams, setTeams] = useState<string[]>(draft.view?.shared_with?.teams ?? []);
  const [tree, setTree] = useState<Group>(() => (from ? root(from.filter) : group("and", [firstRule()])));
  const [sort, setSort] = useState(from?.sort?.field ?? "");
  const [asc, setAsc] = useState(from?.sort?.asc ?? false);
  const filter = toCondition(tree);
  const preview = usePreview(desk, useSettled(JSON.stringify(filter), PREVIEW_MS));
  const lead = me?.role === "admin" || me?.role === "lead";
  const save = async () => {
    const id = draft.view?.id ?? "v-" + crypto.randomUUID().slice(0, 8);
    const view = { id, name: name.trim(), kind, filter, sort: { ...(sort ? { field: sort } : {}), ...(asc ? { asc } : {}) }, position: draft.view?.position ?? 100,
      ...(kind === "private" ? { owner: desk.who.agent } : {}), ...(kind === "shared" ? { shared_with: { teams, agents: draft.view?.shared_with?.agents ?? [] } } : {}), version: 0 };
    if (!(await command(desk, "view.put", view))) return;
    onClose();
    go({ view: id, ticket: undefined });
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog builder">
          <Dialog.Title>{draft.view ? "Edit view" : "New view"}</Dialog.Title>
          <form onSubmit={(e) => { e.preventDefault(); void save(); }}>
            <label className="field">Name<input value={name} onChange={(e) => setName(e.target.value)} required maxLength={200} placeholder="Urgent, unassigned" /></label>
            <GroupEditor node={tree} fields={fields} depth={0} fault={preview.fault} pointer="" onChange={setTree} />
            <div className="grid">
              <label className="field">Who sees it
                <select value={kind} onChange={(e) => setKind(e.target.value as View["kind"])}>
                  <option value="private">Only me</option><option value="public" disabled={!lead}>Everybody</option><option value="shared" disabled={!lead}>Some teams</option>
                </select>
              </label>
              <label className="field">Sorted by
                <select value={sort} onChange={(e) => setSort(e.target.value)}>
                  <option value="">Last update</option>
                  {[...fields.values()].filter((f) => sortable(f)).map((f) => <option key={f.key} value={f.key}>{f.name}</option>)}
                </select>
              </label>
              <label className="field">Order<select value={asc ? "asc" : "desc"} onChange={(e) => setAsc(e.target.value === "asc")}><option value="desc">Newest or highest first</option><option value="asc">Oldest or lowest first</option></select></label>
            </div>
            {kind === "shared" && <TeamBoxes chosen={teams} onChange={setTeams} />}
            <Result preview={preview} />
            <div className="actions"><Dialog.Close className="button" type="button">Cancel</Dialog.Close><button className="button primary" disabled={!!preview.fault || !name.trim()}>Save view</button></div>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const sortable = (f: Field) => f.type === "time" || f.type === "number" || f.key === "status" || f.key === "priority";

function TeamBoxes({ chosen, onChange }: { chosen: string[]; onChange: (teams: string[]) => void }) {
  return (
    <fieldset className="boxes"><legend>Teams</legend>
      {[...useTeams().values()].map((t) => (
        <label key={t.id}><input type="checkbox" checked={chosen.includes(t.id)} onChange={(e) => onChange(e.target.checked ? [...chosen, t.id] : chosen.filter((x) => x !== t.id))} />{t.name}</label>
      ))}
    </fieldset>
  );
}

export interface Fault { detail: string; pointer: string }

function usePreview(desk: Desk, filter: string) {
  const q = useQuery({ queryKey: ["preview", filter], queryFn: () => asked<Preview>(desk.who, "views/preview", { filter: JSON.parse(filter) as Condition }), retry: false, placeholderData: (old) => old });
  const fault: Fault | undefined = q.error instanceof Problem ? { detail: q.error.message, pointer: q.error.pointer.replace(/^\/filter/, "") } : q.error ? { detail: q.error.message, pointer: "" } : undefined;
  return { data: fault ? undefined : q.data, fault, busy: q.isFetching };
}

function Result({ preview: { data, fault, busy } }: { preview: ReturnType<typeof usePreview> }) {
  return (
    <div className="result" aria-live="polite" data-busy={busy}>
      {fault ? <p className="fault">{fault.detail}</p> : data ? (
        <>
          <p><b>{data.count.toLocaleString("en")}</b> ticket{data.count === 1 ? "" : "s"} now{data.sample?.length ? ", such as" : ""}</p>
          <ul>{data.sample?.map((t) => <li key={t.id}><span className="quiet">{t.requester_name}</span> {t.subject}</li>)}</ul>
          {data.warnings?.map((w) => <p key={w.pointer + w.detail} className="warning">{w.detail}</p>)}
        </>
      ) : <p className="quiet">Counting…</p>}
    </div>
  );
}
