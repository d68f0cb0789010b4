/** Times, numbers and names as people read them. */

/** How long ago, in the fewest letters: "now", "4 min", "3 h", "2 d". */
export function ago(iso: string | undefined, now: number): string {
  if (!iso) return "";
  const ms = now - Date.parse(iso), future = ms < 0, m = Math.floor(Math.abs(ms) / 60_000);
  const text = m < 1 ? "now" : m < 60 ? `${m} min` : m < 1_440 ? `${Math.floor(m / 60)} h` : `${Math.floor(m / 1_440)} d`;
  return future && m >= 1 ? "in " + text : text;
}

/** Exact to 99,999; beyond, shortened. The full number belongs in the title. */
export function count(n: number): string {
  return n < 100_000 ? n.toLocaleString("en") : `${(Math.floor(n / 1_000)).toLocaleString("en")}k`;
}

export function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)![0]! : "")).toUpperCase();
}

/** A hue that stays with the name. */
export function hue(text: string): number {
  let h = 0;
  for (const c of text) h = (h * 31 + c.charCodeAt(0)) % 360;
  return h;
}

export const label = (word: string): string => (word ? word[0]!.toUpperCase() + word.slice(1).replaceAll("_", " ") : "");

export const day = (iso: string): string => new Date(iso).toLocaleDateString("en", { weekday: "long", month: "long", day: "numeric" });

export const hour = (iso: string): string => new Date(iso).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit" });
