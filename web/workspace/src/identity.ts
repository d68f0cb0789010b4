/** Who is signed in: kept for the tab, renewed where it can be. */

export interface Identity { account: string; agent: string; token: string; expiresAt: number; demo: boolean }
export interface DemoAgent { id: string; name: string; role: string; teams: string[] }

const KEY = "deskwire.identity";

export function restore(): Identity | undefined {
  try {
    const held = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Identity | null;
    return held && held.expiresAt > Date.now() ? held : undefined;
  } catch {
    return undefined;
  }
}

/** #account=…&token=… of an app that sends its agent here; gone from the address at once. */
export function fromFragment(): Identity | undefined {
  const f = new URLSearchParams(location.hash.slice(1)), token = f.get("token"), account = f.get("account");
  if (!token || !account) return undefined;
  history.replaceState(null, "", location.pathname);
  return fromToken(account, token);
}

export function fromToken(account: string, token: string): Identity {
  const claims = JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as { sub?: string; exp?: number };
  return keep({ account, agent: claims.sub ?? "", token, expiresAt: (claims.exp ?? 0) * 1000, demo: false });
}

export function keep(i: Identity): Identity {
  sessionStorage.setItem(KEY, JSON.stringify(i));
  return i;
}

export const forget = (): void => sessionStorage.removeItem(KEY);

/** The demo's agents, or undefined where there is no demo. */
export async function demoAgents(): Promise<DemoAgent[] | undefined> {
  const r = await fetch("/demo/agents");
  return r.ok && r.headers.get("Content-Type")?.startsWith("application/json") ? ((await r.json()) as DemoAgent[]) : undefined;
}

export async function demoSignIn(agent: string): Promise<Identity> {
  const r = await fetch("/demo/token", { method: "POST", body: JSON.stringify({ agent }) });
  if (!r.ok) throw new Error("The demo did not let you in. Is it still running?");
  const { account, token, expires_at } = (await r.json()) as { account: string; token: string; expires_at: number };
  return keep({ account, agent, token, expiresAt: expires_at, demo: true });
}

/** A token that is good for a while. */
export async function token(i: Identity): Promise<string> {
  const held = restore() ?? i;
  if (!held.demo || held.expiresAt - Date.now() > 120_000) return held.token;
  return (await demoSignIn(held.agent)).token;
}
