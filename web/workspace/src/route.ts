/** Where the agent is: /views/VIEW and /views/VIEW/tickets/TICKET. */
import { useSyncExternalStore } from "react";

export interface Route { view: string; ticket: string | undefined }

export function parse(path: string): Route {
  const [, views, view, tickets, ticket] = path.split("/").map(decodeURIComponent);
  if (views !== "views" || !view) return { view: "mine", ticket: undefined };
  return { view, ticket: tickets === "tickets" && ticket ? ticket : undefined };
}

export const path = (r: Route): string => `/views/${encodeURIComponent(r.view)}` + (r.ticket ? `/tickets/${encodeURIComponent(r.ticket)}` : "");

export function go(r: Route): void {
  if (path(r) === location.pathname) return;
  history.pushState(null, "", path(r));
  dispatchEvent(new PopStateEvent("popstate"));
}

function subscribe(fn: () => void): () => void {
  addEventListener("popstate", fn);
  return () => removeEventListener("popstate", fn);
}

let last: Route = { view: "", ticket: undefined }, lastPath = "";
function current(): Route {
  if (location.pathname !== lastPath) {
    lastPath = location.pathname;
    last = parse(lastPath);
  }
  return last;
}

export const useRoute = (): Route => useSyncExternalStore(subscribe, current);
