import { useStatus } from "@deskwire/client/react";
import { useEffect } from "react";
import { useDesk } from "./desk.ts";

/** What the agent is told of the line: nothing while all is well. The region is
 * there from the start, so that a screen reader hears the change. */
export function StatusBar() {
  const { live, signOut } = useDesk();
  const s = useStatus(live);
  useEffect(() => {
    document.documentElement.dataset.live = s.fresh ? "yes" : "no";
  }, [s.fresh]);
  return (
    <div className="statusbar" data-banner={s.banner}>
      <span role="status">{s.banner === "none" ? "" : s.words}</span>
      {s.state === "outdated" && <button className="button" onClick={() => location.reload()}>Reload</button>}
      {s.state === "refused" && <button className="button" onClick={signOut}>Sign in</button>}
      {s.banner === "warn" && s.state === "reconnecting" && <button className="button" onClick={() => live.retryNow()}>Retry now</button>}
      {s.banner === "warn" && <button className="button" onClick={() => void navigator.clipboard.writeText(live.dump())}>Copy details</button>}
    </div>
  );
}
