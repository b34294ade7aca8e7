// One entry, which every page names; it loads the map's script where there is a map. No hashes in the names: the server's
// revision stands in the address.
import { resolve } from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  worker: { format: "es", rolldownOptions: { output: { entryFileNames: "[name].js" } } },
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
        // What the map shares with every page stands in a file of its own. A page names the entry with its stamp; were it
        // imported once more without, all of it would run twice.
        codeSplitting: { groups: [{ name: "shared", test: /preload-helper|rolldown[/]runtime/ }] },
      },
    },
  },
});
