/** What every part of the app shares: the line, who is signed in, and typed
 * readers of the topics. */
import { createContext, use, useEffect, useState } from "react";
import type { Agent, Count, Field, Live, Team, View } from "@deskwire/client";
import { useTopic } from "@deskwire/client/react";
import type { Identity } from "./identity.ts";

export interface Desk { live: Live; who: Identity; signOut: () => void; toast: (text: string) => void }

export const DeskContext = createContext<Desk>(null as unknown as Desk);
export const useDesk = (): Desk => use(DeskContext);

const map = <T>(m: ReadonlyMap<string, unknown>) => m as ReadonlyMap<string, T>;

export const useAgents = () => map<Agent>(useTopic(useDesk().live, "agents").entries);
export const useTeams = () => map<Team>(useTopic(useDesk().live, "teams").entries);
export const useFields = () => map<Field>(useTopic(useDesk().live, "schema").entries);
export const useViews = () => {
  const t = useTopic(useDesk().live, "views");
  return { views: map<View>(t.entries), ready: t.ready };
};
/** The counts of one section of the sidebar; followed while it is shown (VC-16). */
export const useCounts = (section: string) => map<Count>(useTopic(useDesk().live, "counts:" + section).entries);

/** The time, which moves every so often. */
export function useNow(everyMs = 20_000): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    const id = setInterval(() => set(Date.now()), everyMs);
    return () => clearInterval(id);
  }, [everyMs]);
  return now;
}

/** Runs a command and says so when it is refused; true when it was done. */
export async function command(desk: Desk, kind: string, body: unknown): Promise<boolean> {
  try {
    await desk.live.command(kind, body);
    return true;
  } catch (err) {
    desk.toast(err instanceof Error ? err.message : String(err));
    return false;
  }
}
