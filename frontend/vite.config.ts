import { defineConfig, type Plugin } from "vite";

/** The page asks for Inter in its head: there it is at the first line, or not at all, so that no line is set anew. */
const interAtOnce: Plugin = {
  name: "inter-at-once",
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle))
      if (file.type === "asset" && file.fileName.endsWith(".css"))
        file.source = String(file.source).replace(/@font-face\s*\{[^}]*Inter Variable[^}]*\}/g, (face) =>
          face.replace(/font-display:\s*swap/, "font-display:optional"),
        );
  },
};

// Output is served by the application itself; names carry a hash, so it may be cached for ever.
export default defineConfig({
  base: "./",
  plugins: [interAtOnce],
  build: {
    outDir: "../parkbrain/ui/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // A data: font would need a looser policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { main: "src/main.ts", "noto-sc": "src/styles/noto-sc.css", "noto-tc": "src/styles/noto-tc.css" },
    },
  },
});
