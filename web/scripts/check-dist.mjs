// The built workspace is committed, so that Go needs no Node. This refuses a
// dist that is not what the sources build.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const web = new URL("..", import.meta.url).pathname;
const fresh = mkdtempSync(join(tmpdir(), "deskwire-dist-"));
try {
  execFileSync("npm", ["run", "build", "-w", "workspace", "--silent"], { cwd: web, env: { ...process.env, OUT_DIR: fresh }, stdio: ["ignore", "ignore", "inherit"] });
  const committed = join(web, "dist");
  const names = new Set([...readdirSync(fresh), ...readdirSync(committed)]);
  const stale = [...names].filter((n) => read(join(fresh, n)) !== read(join(committed, n)));
  if (stale.length > 0) {
    console.error(`web/dist is not what the sources build (${stale.join(", ")}); run "make web" and commit it`);
    process.exitCode = 1;
  } else console.log("web/dist is what the sources build");
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
