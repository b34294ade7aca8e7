// One entry, which every page names; it loads the map's script where there is a map. No hashes in the names: the server's
// revision stands in the address.
import { resolve } from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  build: {
    outDir: resolve(import.meta.dirname, "../src/wangge/doors/console/static/console/built"),
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        desk: resolve(import.meta.dirname, "console/desk.ts"),
      },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
