import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Face } from "./face.tsx";
import { label } from "./format.ts";
import { demoAgents, demoSignIn, fromToken, type Identity } from "./identity.ts";

export function SignIn({ onSignIn }: { onSignIn: (i: Identity) => void }) {
  const agents = useQuery({ queryKey: ["demo"], queryFn: async () => (await demoAgents()) ?? null });
  const [fault, setFault] = useState("");
  const be = (id: string) => demoSignIn(id).then(onSignIn, (e: Error) => setFault(e.message));
  return (
    <main className="signin">
      <h1><Mark /> Deskwire</h1>
      {agents.isPending && <p className="quiet">Looking for the helpdesk…</p>}
      {agents.data && (
        <>
          <p className="quiet">A simulated helpdesk. Who are you today?</p>
          <ul>
            {agents.data.map((a) => (
              <li key={a.id}>
                <button onClick={() => be(a.id)}>
                  <Face name={a.name} size={36} />
                  <span><b>{a.name}</b><small>{[label(a.role), ...a.teams].join(" · ")}</small></span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      {!agents.isPending && !agents.data && <TokenForm onSignIn={onSignIn} onFault={setFault} />}
      <p role="alert" className="fault">{fault}</p>
    </main>
  );
}

function TokenForm({ onSignIn, onFault }: { onSignIn: (i: Identity) => void; onFault: (text: string) => void }) {
  const submit = (form: FormData) => {
    try {
      onSignIn(fromToken(String(form.get("account")).trim(), String(form.get("token")).trim()));
    } catch {
      onFault("That is not a token. Make one with: deskwire token --account … --agent …");
    }
  };
  return (
    <form action={submit}>
      <p className="quiet">Paste a token that your helpdesk, or <code>deskwire token</code>, has made.</p>
      <label>Account<input name="account" required autoFocus /></label>
      <label>Token<textarea name="token" required rows={4} spellCheck={false} /></label>
      <button className="button primary">Sign in</button>
    </form>
  );
}

export const Mark = () => (
  <svg className="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" /><path d="M7 20l5-8 4 6 3-4 6 6" /></svg>
);
