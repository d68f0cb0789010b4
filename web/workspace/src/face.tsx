import { hue, initials } from "./format.ts";

/** An agent's face: initials on a hue of his own. */
export function Face({ name, size = 24 }: { name: string; size?: number }) {
  return (
    <span className="face" title={name} style={{ "--hue": hue(name), width: size, height: size, fontSize: size * 0.42 } as React.CSSProperties}>
      <span aria-hidden="true">{initials(name)}</span>
      <span className="unseen">{name}</span>
    </span>
  );
}
