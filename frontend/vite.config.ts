import { defineConfig } from "vite";

// Output is served by the application itself; names carry a hash, so it may be cached for ever.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../parkbrain/ui/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // A data: font would need a looser policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { main: "src/main.ts" } },
  },
});
