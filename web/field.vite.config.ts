// The field app: one page, whose parts have their content's hash in their names, and the service worker that keeps them on
// the phone. The page and the worker are served under /field/ by the program, which reads `files.json`.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import vue from "@vitejs/plugin-vue";
import { build, defineConfig, type Plugin } from "vite";

const OUT = resolve(import.meta.dirname, "../src/wangge/doors/field/static/field/built");
const BASE = "/static/field/built/";
/** Fetched when they are needed, then kept. */
const ON_DEMAND = /^(later|campaign|plants-model)-|\.(wasm|mjs)$/;

/** Builds the worker with the list of files that it keeps, and tells the server their names. */
function offline(): Plugin {
  let done = false;
  return {
    name: "wangge-offline",
    apply: "build",
    async closeBundle() {
      if (done) return;
      done = true;
      const all = readdirSync(OUT).filter((name) => /\.(js|mjs|css|wasm)$/.test(name));
      const files = all.filter((name) => !ON_DEMAND.test(name));
      const later = all.filter((name) => ON_DEMAND.test(name));
      const content = createHash("sha256");
      for (const name of files.sort()) content.update(name).update(readFileSync(join(OUT, name)));
      content.update(readFileSync(resolve(import.meta.dirname, "field/worker/worker.ts")));
      const version = content.digest("hex").slice(0, 12);
      await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define: {
          __VERSION__: JSON.stringify(version),
          __FILES__: JSON.stringify(files.map((name) => BASE + name)),
          __LATER__: JSON.stringify(later.map((name) => BASE + name)),
        },
        build: {
          outDir: OUT,
          emptyOutDir: false,
          target: "es2022",
          lib: {
            entry: resolve(import.meta.dirname, "field/worker/worker.ts"),
            formats: ["iife"],
            name: "worker",
          },
          rolldownOptions: { output: { entryFileNames: "worker.js" } },
        },
      });
      const named = (pattern: RegExp): string | undefined => files.find((name) => pattern.test(name));
      const told = { version, script: named(/^first-.+\.js$/), style: named(/^first-.+\.css$/) };
      writeFileSync(join(OUT, "files.json"), `${JSON.stringify(told)}\n`);
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: BASE,
  publicDir: false,
  plugins: [vue(), offline()],
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    assetsDir: "",
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { field: resolve(import.meta.dirname, "field/main.ts") },
      // What the first screen needs comes in one file: twenty would be asked for after each other's names are known.
      output: { codeSplitting: { groups: [{ name: "first", test: /\/field\/(main\.ts|app\.vue)/ }] } },
    },
  },
});
