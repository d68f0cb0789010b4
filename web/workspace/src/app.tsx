import { createLive, type Live } from "@deskwire/client";
import { useEffect, useMemo, useState } from "react";
import { Builder, type Draft } from "./builder.tsx";
import { DeskContext, type Desk } from "./desk.ts";
import { forget, fromFragment, restore, token, type Identity } from "./identity.ts";
import { useKeys } from "./keys.ts";
import { List } from "./list.tsx";
import { go, useRoute } from "./route.ts";
import { Shortcuts } from "./shortcuts.tsx";
import { Sidebar } from "./sidebar.tsx";
import { SignIn } from "./signin.tsx";
import { StatusBar } from "./status.tsx";
import { TicketPage } from "./ticket.tsx";

export function App() {
  const [who, setWho] = useState<Identity | undefined>(() => fromFragment() ?? restore());
  if (!who) return <SignIn onSignIn={setWho} />;
  const signOut = () => {
    forget();
    setWho(undefined);
  };
  return <Workspace key={who.account + who.agent} who={who} signOut={signOut} />;
}

/** One line for the app, opened when it is there and closed when it goes. */
function useLine(who: Identity): Live | undefined {
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    const opened = createLive({ account: who.account, token: () => token(who), build: "workspace" });
    setLive(opened);
    return () => opened.close();
  }, [who]);
  return live;
}

function Workspace({ who, signOut }: { who: Identity; signOut: () => void }) {
  const live = useLine(who);
  const [toast, setToast] = useState("");
  useEffect(() => {
    if (!toast) return;
    const id = setTimeout(() => setToast(""), 6_000);
    return () => clearTimeout(id);
  }, [toast]);
  const desk = useMemo<Desk | undefined>(() => live && { live, who, signOut, toast: setToast }, [live, who, signOut]);
  if (!desk) return null;
  return (
    <DeskContext value={desk}>
      <Rooms />
      <div className="toast" role="alert" data-open={toast !== ""}>{toast}</div>
    </DeskContext>
  );
}

function Rooms() {
  const route = useRoute();
  const [draft, setDraft] = useState<Draft>();
  const [help, setHelp] = useState(false);
  useKeys({ "?": () => setHelp(true), Escape: () => route.ticket && go({ view: route.view, ticket: undefined }) });
  return (
    <div className="rooms" data-ticket={route.ticket !== undefined}>
      <StatusBar />
      <Sidebar route={route} onEdit={setDraft} />
      <List key={route.view} route={route} onEdit={setDraft} />
      {route.ticket && <TicketPage key={route.ticket} id={route.ticket} view={route.view} />}
      {draft && <Builder draft={draft} onClose={() => setDraft(undefined)} />}
      <Shortcuts open={help} onOpenChange={setHelp} />
    </div>
  );
}
