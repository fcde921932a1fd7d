import { defineConfig } from "vite";

// The same charts for PDF: one self-contained script for an embedded engine without a DOM.
export default defineConfig({
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: "../parkbrain/ui/static/dist",
    emptyOutDir: false,
    lib: { entry: "src/lib/ssr.ts", formats: ["iife"], name: "parkbrainCharts", fileName: () => "echarts-ssr.js" },
  },
});
