import { defineConfig } from "vitest/config";
export default defineConfig({ test: { include: ["client/test/**/*.test.ts", "workspace/src/**/*.test.ts"], environment: "node" } });
