/** Questions that are not topics: previews and further pages. */
import { token, type Identity } from "./identity.ts";

export class Problem extends Error {
  readonly pointer: string;
  constructor(detail: string, pointer: string) {
    super(detail);
    this.pointer = pointer;
  }
}

export async function asked<T>(who: Identity, path: string, body?: unknown): Promise<T> {
  const r = await fetch(`/v1/accounts/${encodeURIComponent(who.account)}/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { Authorization: "Bearer " + (await token(who)), "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await r.json()) as T & { detail?: string; pointer?: string };
  if (!r.ok) throw new Problem(answer.detail ?? r.statusText, answer.pointer ?? "");
  return answer;
}
