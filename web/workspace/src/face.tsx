import { hue, initials } from "./format.ts";

/** An agent's face: initials on a hue of their own. It is silent for a screen
 * reader where the name stands beside it; `says` is for where it stands alone. */
export function Face({ name, size = 24, says }: { name: string; size?: number; says?: string }) {
  return (
    <span className="face" title={name} style={{ "--hue": hue(name), width: size, height: size, fontSize: size * 0.42 } as React.CSSProperties}>
      <span aria-hidden="true">{initials(name)}</span>
      {says && <span className="unseen">{says}</span>}
    </span>
  );
}
