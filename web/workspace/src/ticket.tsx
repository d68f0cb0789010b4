import type { Message, Ticket } from "@deskwire/client";
import { useTopic } from "@deskwire/client/react";
import { Menu } from "@base-ui/react/menu";
import { useEffect, useRef, useState } from "react";
import { Composer } from "./composer.tsx";
import { command, useAgents, useDesk, useTeams } from "./desk.ts";
import { Face } from "./face.tsx";
import { day, hour, label } from "./format.ts";
import { useKeys } from "./keys.ts";
import { go } from "./route.ts";

export function TicketPage({ id, view }: { id: string; view: string }) {
  const { live } = useDesk();
  const topic = useTopic(live, "ticket:" + id);
  const t = topic.entries.get("ticket") as Ticket | undefined;
  const back = () => go({ view, ticket: undefined });
  return (
    <article className="ticket" aria-label={t ? t.subject : "Ticket"}>
      <button className="button quietly back" onClick={back}>← List</button>
      {t ? <Open t={t} entries={topic.entries} /> : topic.refused ? <div className="empty"><h2>Not here any more</h2><p className="quiet">The ticket was deleted, or is not yours to read.</p></div>
        : <div className="loading" aria-busy="true"><div className="skeleton row" /><div className="skeleton row" /><div className="skeleton row" /></div>}
    </article>
  );
}

function Open({ t, entries }: { t: Ticket; entries: ReadonlyMap<string, unknown> }) {
  const desk = useDesk();
  const [mode, setMode] = useState<"public" | "note">("public");
  const box = useRef<HTMLTextAreaElement>(null);
  const unread = !t.read_by?.includes(desk.who.agent);
  useEffect(() => {
    if (unread && document.visibilityState === "visible") void command(desk, "ticket.read", { ticket: t.id });
  }, [unread, t.id, t.message_count, desk]);
  const patch = (p: Record<string, unknown>) => void command(desk, "ticket.patch", { id: t.id, patch: p });
  const write = (m: "public" | "note") => {
    setMode(m);
    requestAnimationFrame(() => box.current?.focus());
    return true;
  };
  useKeys({ r: () => write("public"), n: () => write("note"), m: () => (patch({ assignee_agent: desk.who.agent }), true), s: () => (patch({ status: "solved" }), true) });
  const messages = [...entries].filter(([k]) => k.startsWith("message:")).map(([, m]) => m as Message).sort((a, b) => a.seq - b.seq);
  return (
    <>
      <header>
        <h1>{t.subject || "(no subject)"}</h1>
        <p className="quiet">#{t.id} · {t.requester_name ?? t.customer} · {label(t.channel ?? "")}</p>
        <Tools t={t} patch={patch} />
        <Tags t={t} patch={patch} />
      </header>
      <Talk messages={messages} customer={t.requester_name ?? "Customer"} />
      <Composer id={t.id} mode={mode} onMode={setMode} box={box} />
    </>
  );
}

type Patch = (p: Record<string, unknown>) => void;

function Pick({ name, value, options, onPick }: { name: string; value: string; options: [string, string][]; onPick: (v: string) => void }) {
  const text = options.find(([v]) => v === value)?.[1] ?? value;
  return (
    <Menu.Root>
      <Menu.Trigger className="button pick" aria-label={text ? `${name}: ${text}` : name}><small>{name}</small>{text}</Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="start">
          <Menu.Popup className="menu">
            <Menu.RadioGroup value={value} onValueChange={(v) => onPick(String(v))}>
              {options.map(([v, words]) => <Menu.RadioItem key={v} value={v} className="item" closeOnClick>{words}<Menu.RadioItemIndicator className="tick">✓</Menu.RadioItemIndicator></Menu.RadioItem>)}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

const list = (all: string[]): [string, string][] => all.map((v) => [v, label(v)]);
const STATUSES = list(["new", "open", "pending", "on_hold", "solved", "closed"]);
const PRIORITIES: [string, string][] = [["", "None"], ...list(["low", "normal", "high", "urgent"])];

function Tools({ t, patch }: { t: Ticket; patch: Patch }) {
  const { who } = useDesk();
  const agents: [string, string][] = [["", "Nobody"], ...[...useAgents().values()].filter((a) => !a.disabled).map((a): [string, string] => [a.id, a.id === who.agent ? a.name + " (me)" : a.name])];
  const teams: [string, string][] = [["", "No team"], ...[...useTeams().values()].map((x): [string, string] => [x.id, x.name])];
  return (
    <div className="tools">
      <Pick name="Status" value={t.status} options={STATUSES} onPick={(status) => patch({ status })} />
      <Pick name="Assignee" value={t.assignee_agent ?? ""} options={agents} onPick={(v) => patch({ assignee_agent: v || null })} />
      <Pick name="Team" value={t.assignee_team ?? ""} options={teams} onPick={(v) => patch({ assignee_team: v || null })} />
      <Pick name="Priority" value={t.priority ?? ""} options={PRIORITIES} onPick={(v) => patch({ priority: v || null })} />
      <Snooze t={t} patch={patch} />
      <Pick name="More" value="" options={[["spam", t.spam ? "Not spam" : "Spam"], ["trash", t.trashed_at ? "Restore from trash" : "Move to trash"]]}
        onPick={(v) => patch(v === "spam" ? { spam: !t.spam } : { trashed_at: t.trashed_at ? null : new Date().toISOString() })} />
    </div>
  );
}

function Snooze({ t, patch }: { t: Ticket; patch: Patch }) {
  const until = t.snoozed_until && Date.parse(t.snoozed_until) > Date.now() ? t.snoozed_until : undefined;
  const at = (days: number, h: number) => {
    const d = new Date();
    d.setDate(d.getDate() + days);
    d.setHours(h, 0, 0, 0);
    return d.toISOString();
  };
  const inHours = (h: number) => new Date(Date.now() + h * 3_600_000).toISOString();
  const options: [string, string][] = [[inHours(1 / 60), "A minute"], [inHours(1), "1 hour"], [inHours(4), "4 hours"], [at(1, 9), "Tomorrow, 09:00"], [at(7, 9), "In a week"]];
  if (until) options.unshift(["", "Wake now"]);
  return <Pick name="Snooze" value={until ?? "-"} options={[...options, ...(until ? [[until, "Until " + hour(until)] as [string, string]] : [["-", "Off"] as [string, string]])]}
    onPick={(v) => v !== "-" && v !== until && patch({ snoozed_until: v || null })} />;
}

function Tags({ t, patch }: { t: Ticket; patch: Patch }) {
  const [text, setText] = useState("");
  const add = () => {
    const tag = text.trim();
    if (tag) patch({ tags_add: [tag] });
    setText("");
  };
  return (
    <div className="tagline">
      {t.tags?.map((x) => <span key={x} className="tag">{x}<button aria-label={`Remove tag ${x}`} onClick={() => patch({ tags_remove: [x] })}>×</button></span>)}
      <input aria-label="Add a tag" placeholder="Add tag" value={text} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => e.key === "Enter" && add()} onBlur={add} />
    </div>
  );
}

function Talk({ messages, customer }: { messages: Message[]; customer: string }) {
  const agents = useAgents();
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void end.current?.scrollIntoView({ block: "end" }); // newer browsers answer with a promise
  }, [messages.length]);
  let last = "";
  return (
    <div className="talk" role="log" aria-label="Conversation">
      {messages.map((m) => {
        const d = day(m.at), name = m.from.kind === "agent" ? (agents.get(m.from.id ?? "")?.name ?? m.from.id ?? "Agent") : (m.from.name ?? customer), fresh = d !== last;
        last = d;
        return (
          <div key={m.seq}>
            {fresh && <div className="day"><span>{d}</span></div>}
            <div className="message" data-kind={m.kind} data-from={m.from.kind}>
              <Face name={name} size={30} />
              <div><p className="by"><b>{name}</b>{m.kind === "note" && <span className="tag">Internal note</span>}<span className="quiet">{hour(m.at)}</span></p><p className="body">{m.body}</p></div>
            </div>
          </div>
        );
      })}
      <div ref={end} />
    </div>
  );
}
