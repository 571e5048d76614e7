// Copies the vendored scripts and their licences to static/vendor, with a manifest of digests.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const FILES = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "htmx-ws.js": "htmx-ext-ws/ws.js",
  "idiomorph-ext.min.js": "idiomorph/dist/idiomorph-ext.min.js",
  "uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
  "uPlot.min.css": "uplot/dist/uPlot.min.css",
  "LICENSE-htmx.txt": "htmx.org/LICENSE",
  "LICENSE-htmx-ws.txt": "htmx-ext-ws/LICENSE",
  "LICENSE-idiomorph.txt": "idiomorph/LICENSE",
  "LICENSE-uPlot.txt": "uplot/LICENSE",
};
const target = new URL("../static/vendor/", import.meta.url);
mkdirSync(target, { recursive: true });
const manifest = {};
for (const [name, source] of Object.entries(FILES)) {
  copyFileSync(new URL(`node_modules/${source}`, import.meta.url), new URL(name, target));
  manifest[name] = createHash("sha256").update(readFileSync(new URL(name, target))).digest("hex");
}
writeFileSync(new URL("MANIFEST.json", target), `${JSON.stringify(manifest, null, 1)}\n`);
