import type { Head, Ticket } from "@deskwire/client";
import { useTopic } from "@deskwire/client/react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { asked } from "./api.ts";
import type { Draft } from "./builder.tsx";
import { useAgents, useDesk, useNow, useViews } from "./desk.ts";
import { Face } from "./face.tsx";
import { ago, label } from "./format.ts";
import { useKeys } from "./keys.ts";
import { arrange, type Row } from "./order.ts";
import { go, path, type Route } from "./route.ts";

/** How long after the pointer has left the list moves again. */
const RELEASE_MS = 1_500;
const ROW_PX = 64;

export function List({ route, onEdit }: { route: Route; onEdit: (d: Draft) => void }) {
  const { live } = useDesk();
  const { views } = useViews();
  const view = views.get(route.view);
  const topic = useTopic(live, "list:" + route.view);
  const head = topic.entries.get("head") as Head | undefined;
  useEffect(() => {
    document.title = view ? `${view.name}${head?.exact ? ` (${head.total})` : ""} · Deskwire` : "Deskwire";
  }, [view, head]);
  return (
    <section className="list" aria-label={view?.name ?? "Tickets"}>
      <header>
        <h1>{view?.name ?? " "}</h1>
        <span className="quiet total">{head?.exact ? `${head.total.toLocaleString("en")} ticket${head.total === 1 ? "" : "s"}` : "counting…"}</span>
        {view && view.kind !== "system" && <button className="button" onClick={() => onEdit({ view })}>Edit view</button>}
        {view?.kind === "system" && <button className="button" onClick={() => onEdit({ from: view })}>Copy as new view</button>}
      </header>
      {view?.invalid ? <Empty title="This view cannot be counted" text={view.invalid} />
        : topic.refused ? <Empty title="No such view" text="It was deleted, or is not shared with you any more." />
        : !topic.ready || !head?.exact ? <Loading />
        : <Rows key={view?.version} topic={topic} head={head} route={route} />}
    </section>
  );
}

const Empty = ({ title, text }: { title: string; text: string }) => <div className="empty"><h2>{title}</h2><p className="quiet">{text}</p></div>;
const Loading = () => <div className="loading" aria-busy="true">{Array.from({ length: 8 }, (_, i) => <div key={i} className="skeleton row" />)}</div>;

/** The list holds still while the pointer is over it. */
function useHold() {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const release = (ms: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setHeld(false), ms);
  };
  const hold = () => {
    clearTimeout(timer.current);
    setHeld(true);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return { held, hold, release };
}

function Rows({ topic, head, route }: { topic: { entries: ReadonlyMap<string, unknown> }; head: Head; route: Route }) {
  const { held, hold, release } = useHold();
  const more = useMore(route.view, head);
  const tickets = useMemo(() => {
    const all = new Map<string, Ticket>();
    for (const t of more.tickets) all.set(t.id, t);
    for (const [id, t] of topic.entries) if (id !== "head") all.set(id, t as Ticket);
    return [...all.values()];
  }, [topic, more.tickets]);
  const frozen = useRef<Row[]>(undefined);
  const open = frozen.current?.find((r) => r.ticket.id === route.ticket)?.ticket;
  const shown = arrange(tickets, head.sort, held ? frozen.current : undefined, open);
  frozen.current = shown.rows;
  return (
    <div className="rows" onPointerEnter={hold} onPointerLeave={() => release(RELEASE_MS)}>
      {shown.fresh > 0 && <button className="fresh" onClick={() => { frozen.current = undefined; release(0); }}>{shown.fresh} new</button>}
      {shown.rows.length === 0 ? <Empty title="All clear" text="No ticket is in this view now. It fills by itself." /> : <Window rows={shown.rows} route={route} more={more} total={head.total} />}
    </div>
  );
}

interface Page { tickets: Ticket[]; next?: string }

/** The tickets beyond the window that the topic shows, by pages. */
function useMore(view: string, head: Head) {
  const { who } = useDesk();
  const q = useInfiniteQuery({
    queryKey: ["more", view, head.sort], enabled: false, initialPageParam: "",
    queryFn: ({ pageParam }) => asked<Page>(who, `views/${encodeURIComponent(view)}/tickets?limit=100&after=${encodeURIComponent(pageParam)}`),
    getNextPageParam: (last: Page) => last.next || undefined,
  });
  const tickets = useMemo(() => q.data?.pages.flatMap((p) => p.tickets) ?? [], [q.data]);
  return { tickets, load: () => void q.fetchNextPage(), busy: q.isFetching, fault: q.error?.message };
}

function Window({ rows, route, more, total }: { rows: Row[]; route: Route; more: ReturnType<typeof useMore>; total: number }) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => ROW_PX, overscan: 8, getItemKey: (i) => rows[i]!.ticket.id });
  const at = rows.findIndex((r) => r.ticket.id === route.ticket);
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) {
      go({ view: route.view, ticket: next.ticket.id });
      virtual.scrollToIndex(rows.indexOf(next), { align: "auto" });
    }
    return true;
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return (
    <div className="scroll" ref={scroll} tabIndex={-1}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((v) => (
          <li key={v.key} style={{ transform: `translateY(${v.start}px)`, height: ROW_PX }}>
            <TicketRow row={rows[v.index]!} route={route} />
          </li>
        ))}
      </ul>
      {rows.length < total && <button className="button loadmore" disabled={more.busy} onClick={more.load}>{more.busy ? "Loading…" : `Load more of ${total.toLocaleString("en")}`}</button>}
      {more.fault && <p role="alert" className="fault">{more.fault}</p>}
    </div>
  );
}

function TicketRow({ row: { ticket: t, left }, route }: { row: Row; route: Route }) {
  const { who } = useDesk();
  const agents = useAgents();
  const now = useNow();
  const to = { view: route.view, ticket: t.id }, unread = !t.read_by?.includes(who.agent);
  const assignee = t.assignee_agent ? (agents.get(t.assignee_agent)?.name ?? t.assignee_agent) : "";
  return (
    <a className="ticketrow" href={path(to)} data-current={route.ticket === t.id} data-left={left} data-unread={unread} aria-current={route.ticket === t.id ? "true" : undefined}
      onClick={(e) => { e.preventDefault(); go(to); }}>
      <span className="dot">{left && <span className="unseen">No longer in this view, </span>}{unread && <span className="unseen">Unread, </span>}</span>
      <span className="main">
        <span className="line"><b>{t.requester_name ?? t.customer ?? "Somebody"}</b><Priority of={t.priority} /><span className="quiet when">{ago(t.updated_at, now)}</span></span>
        <span className="line"><span className="subject">{t.subject || "(no subject)"}</span><span className="tags">{t.tags?.slice(0, 3).map((x) => <span key={x} className="tag">{x}</span>)}</span></span>
      </span>
      <span className="status" data-status={t.status}>{label(t.status)}</span>
      {assignee ? <Face name={assignee} says={`, assigned to ${assignee}`} /> : <span className="face nobody" title="Unassigned"><span className="unseen">, unassigned</span></span>}
    </a>
  );
}

const Priority = ({ of }: { of: string | undefined }) => (of === "urgent" || of === "high" ? <span className="priority" data-priority={of}>{label(of)}</span> : null);
