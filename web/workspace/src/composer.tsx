import { useEffect, useState, type RefObject } from "react";
import { command, useDesk } from "./desk.ts";

/** Reply or note. The draft is kept for the tab until it is sent; what is refused
 * stays in the box. */
export function Composer(p: { id: string; mode: "public" | "note"; onMode: (m: "public" | "note") => void; box: RefObject<HTMLTextAreaElement | null> }) {
  const desk = useDesk();
  const key = "deskwire.draft." + p.id;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  }, [key, text]);
  const send = async () => {
    if (!text.trim() || busy) return;
    setBusy(true);
    if (await command(desk, "message.add", { ticket: p.id, kind: p.mode, body: text.trim() })) setText("");
    setBusy(false);
  };
  const tab = (m: "public" | "note", words: string) => <button role="tab" aria-selected={p.mode === m} onClick={() => p.onMode(m)}>{words}</button>;
  return (
    <form className="composer" data-mode={p.mode} onSubmit={(e) => { e.preventDefault(); void send(); }}>
      <div role="tablist" aria-label="What to write">{tab("public", "Reply")}{tab("note", "Internal note")}</div>
      <textarea ref={p.box} rows={4} value={text} readOnly={busy} aria-label={p.mode === "note" ? "Internal note" : "Reply"} placeholder={p.mode === "note" ? "Only your colleagues see this…" : "Write to the customer…"}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => {
          if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) void send();
          if (e.key === "Escape") e.currentTarget.blur();
        }} />
      <div className="actions"><small className="quiet">Ctrl + Enter sends</small><button className="button primary" disabled={busy || !text.trim()}>{busy ? "Sending…" : p.mode === "note" ? "Add note" : "Send reply"}</button></div>
    </form>
  );
}
