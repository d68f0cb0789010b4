/** React hooks: a component renders again only when what it reads changes. */
import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Live } from "./live.ts";
import type { Status } from "./status.ts";
import type { Snapshot } from "./store.ts";

/** Follows a topic while the component is there, and gives it as it is now. */
export function useTopic(live: Live, topic: string): Snapshot {
  useEffect(() => live.follow(topic), [live, topic]);
  return useSyncExternalStore(useCallback((fn) => live.subscribe(topic, fn), [live, topic]), () => live.snapshot(topic));
}

/** One entry of a topic that somebody follows. */
export function useEntry<T>(live: Live, topic: string, key: string): T | undefined {
  return useSyncExternalStore(useCallback((fn) => live.subscribe(topic, fn), [live, topic]), () => live.snapshot(topic).entries.get(key)) as T | undefined;
}

export function useStatus(live: Live): Status {
  return useSyncExternalStore(useCallback((fn) => live.onStatus(fn), [live]), () => live.status);
}
