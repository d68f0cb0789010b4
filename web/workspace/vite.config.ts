import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// One bundle under fixed names: it is committed, and hashed by Go when served.
// `npm run dev` shows the sources against a running `deskwire demo`.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: process.env["OUT_DIR"] ?? "../dist", emptyOutDir: true, assetsDir: ".", modulePreload: false, target: "es2022", chunkSizeWarningLimit: 1000, cssCodeSplit: false,
    rollupOptions: { output: { entryFileNames: "workspace.js", assetFileNames: "style[extname]" } },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8080", "/demo": "http://127.0.0.1:8080", "/live": { target: "ws://127.0.0.1:8080", ws: true } } },
});
