/** The frames of PROTOCOL.md, version 1: the twin of internal/wire. A Go test
 * compares the names of the fields with those of the Go structs. */

export const VERSION = 1;
export const SUBPROTOCOL = "deskwire.v1";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface ClientFrame {
  t: "hello" | "session" | "cmd" | "beat" | "token" | "shown" | "bye";
  v?: number; build?: string; account?: string; token?: string; epoch?: string;
  have?: Record<string, number>; follow?: string[];
  key?: string; kind?: string; body?: unknown; n?: number; seq?: number;
}

export type Action = "retry" | "wait" | "signin" | "reload" | "stop";

export type ServerKind = "welcome" | "patch" | "gone" | "beat" | "done" | "renew" | "bye";

export interface ServerFrame {
  t: ServerKind; // or one that this client does not know, and ignores
  v?: number; session?: string; epoch?: string; account?: string; agent?: string; build?: string; beat_ms?: number; now?: number; seq?: number;
  topic?: string; from?: number; to?: number; at?: number; set?: Record<string, unknown>; del?: string[]; why?: string;
  n?: number; key?: string; id?: string; version?: number; changed?: boolean; again?: boolean; problem?: Problem;
  in_ms?: number; code?: number; reason?: string; action?: Action; retry_ms?: number;
}

export interface Problem { kind: string; detail: string; pointer?: string; current?: unknown; retry_ms?: number }

export interface Count { n: number; exact: boolean; scope: string }
export interface Lead { topics?: string[]; refused?: string }
export interface Sort { field?: string; asc?: boolean }
export interface Head { total: number; exact: boolean; sort: Sort; window: number }
export interface Agent { id: string; name: string; role: string; disabled?: boolean }
export interface Team { id: string; name: string; members: string[] }
export interface Field { key: string; name: string; type: "enum" | "ref" | "set" | "text" | "number" | "bool" | "time"; options?: string[]; operators: string[] }
export type Condition = { op: "and" | "or"; of: Condition[] } | { op: "not"; of: Condition } | { field: string; is: string; value?: unknown };
export interface Warning { pointer: string; detail: string }
export interface View {
  id: string; name: string; kind: "system" | "public" | "shared" | "private"; owner?: string; shared_with?: { agents?: string[]; teams?: string[] };
  filter: Condition; sort?: Sort; columns?: string[]; position?: number; version: number; invalid?: string; warnings?: Warning[];
}
export interface Ticket {
  id: string; version: number; subject: string; status: string; priority?: string; channel?: string; language?: string;
  assignee_agent?: string; assignee_team?: string; customer?: string; requester_name?: string; requester_org?: string;
  tags?: string[]; read_by?: string[]; message_count: number; spam?: boolean; merged_into?: string;
  created_at?: string; updated_at?: string; last_message_at?: string; waiting_since?: string; sla_due_at?: string; snoozed_until?: string; trashed_at?: string; closed_at?: string;
  [field: string]: unknown;
}
export interface Message { id: string; ticket: string; kind: "public" | "note" | "system"; from: { kind: string; id?: string; name?: string }; body: string; at: string; seq: number }
