import type { Count, View } from "@deskwire/client";
import { Menu } from "@base-ui/react/menu";
import { useState } from "react";
import type { Draft } from "./builder.tsx";
import { Confirm } from "./confirm.tsx";
import { command, useAgents, useCounts, useDesk, useViews } from "./desk.ts";
import { Face } from "./face.tsx";
import { count } from "./format.ts";
import { useKeys } from "./keys.ts";
import { go, path, type Route } from "./route.ts";
import { Mark } from "./signin.tsx";

const SECTIONS = [{ id: "system", name: "Inbox" }, { id: "shared", name: "Shared" }, { id: "private", name: "Private" }] as const;

const sectionOf = (v: View) => (v.kind === "system" || v.kind === "private" ? v.kind : "shared");
const inOrder = (a: View, b: View) => (a.position ?? 0) - (b.position ?? 0) || a.name.localeCompare(b.name);

export function Sidebar({ route, onEdit }: { route: Route; onEdit: (d: Draft) => void }) {
  const desk = useDesk();
  const { views, ready } = useViews();
  const me = useAgents().get(desk.who.agent);
  const all = SECTIONS.flatMap((s) => [...views.values()].filter((v) => sectionOf(v) === s.id).sort(inOrder));
  const step = (by: number) => {
    const i = all.findIndex((v) => v.id === route.view), next = all[i + by];
    if (next) go({ view: next.id, ticket: undefined });
    return true;
  };
  useKeys({ "]": () => step(1), "[": () => step(-1) });
  return (
    <nav className="sidebar" aria-label="Views">
      <header><Mark /><b>Deskwire</b></header>
      <div className="sections">
        {SECTIONS.map((s) => (
          <Section key={s.id} id={s.id} name={s.name} route={route} ready={ready} onEdit={onEdit} views={all.filter((v) => sectionOf(v) === s.id)} />
        ))}
        <button className="newview" onClick={() => onEdit({})}>+ New view</button>
      </div>
      <footer>
        <Face name={me?.name ?? desk.who.agent} size={28} />
        <span><b>{me?.name ?? desk.who.agent}</b><small>{desk.who.account}</small></span>
        <button className="button quietly" onClick={desk.signOut}>Sign out</button>
      </footer>
    </nav>
  );
}

function Section(p: { id: string; name: string; views: View[]; route: Route; ready: boolean; onEdit: (d: Draft) => void }) {
  const key = "deskwire.section." + p.id;
  const [open, setOpen] = useState(() => localStorage.getItem(key) !== "closed");
  const toggle = () => {
    localStorage.setItem(key, open ? "closed" : "open");
    setOpen(!open);
  };
  return (
    <section>
      <h2><button aria-expanded={open} onClick={toggle}><span className="chevron" aria-hidden="true" />{p.name}</button></h2>
      {open && <Links {...p} />}
    </section>
  );
}

/** The counts are followed only while the section is open (VC-16). */
function Links({ id, views, route, ready, onEdit }: { id: string; views: View[]; route: Route; ready: boolean; onEdit: (d: Draft) => void }) {
  const counts = useCounts(id);
  if (!ready) return <ul>{[1, 2, 3].map((i) => <li key={i} className="skeleton" />)}</ul>;
  if (views.length === 0) return <p className="quiet none">None yet.</p>;
  return <ul>{views.map((v) => <ViewLink key={v.id} view={v} count={counts.get(v.id)} current={route.view === v.id} onEdit={onEdit} />)}</ul>;
}

function ViewLink({ view, count: c, current, onEdit }: { view: View; count: Count | undefined; current: boolean; onEdit: (d: Draft) => void }) {
  const known = c?.exact === true;
  const said = view.invalid ? "cannot be counted" : known ? `${c.n} ticket${c.n === 1 ? "" : "s"}` : "counting";
  const to = { view: view.id, ticket: undefined };
  return (
    <li className="viewlink" data-current={current}>
      <a href={path(to)} aria-current={current ? "page" : undefined} aria-label={`${view.name}, ${said}`} title={view.invalid ?? view.name}
        onClick={(e) => { e.preventDefault(); go(to); }}>
        <span className="name">{view.name}</span>
        {view.invalid ? <span className="count bad" aria-hidden="true">!</span>
          : known ? <span className="count" aria-hidden="true" title={c.n.toLocaleString("en")}>{count(c.n)}</span>
          : <span className="count counting" aria-hidden="true">…</span>}
      </a>
      {view.kind !== "system" && <ViewMenu view={view} onEdit={onEdit} />}
    </li>
  );
}

function ViewMenu({ view, onEdit }: { view: View; onEdit: (d: Draft) => void }) {
  const desk = useDesk();
  const [asking, setAsking] = useState(false);
  return (
    <>
    <Menu.Root>
      <Menu.Trigger className="more" aria-label={`More for ${view.name}`}>⋯</Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end">
          <Menu.Popup className="menu">
            <Menu.Item className="item" onClick={() => onEdit({ view })}>Edit view</Menu.Item>
            <Menu.Item className="item bad" onClick={() => setAsking(true)}>Delete view</Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
    <Confirm open={asking} onOpenChange={setAsking} title={`Delete ${view.name}?`} text="The tickets stay; only the view goes, for everybody who sees it." does="Delete"
      onConfirm={() => void command(desk, "view.delete", { id: view.id })} />
    </>
  );
}
