/** Keys of one letter, for when no field has the focus. */
import { useEffect, useRef } from "react";

const typing = (e: KeyboardEvent): boolean => {
  const t = e.target as HTMLElement;
  return t.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(t.tagName);
};

export function useKeys(keys: Record<string, (e: KeyboardEvent) => unknown>): void {
  const held = useRef(keys);
  held.current = keys;
  useEffect(() => {
    const down = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || typing(e) || document.querySelector("[role=dialog]")) return;
      const run = held.current[e.key];
      if (run && run(e) !== undefined) e.preventDefault();
    };
    addEventListener("keydown", down);
    return () => removeEventListener("keydown", down);
  }, []);
}
