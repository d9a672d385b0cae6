// Builds the page into the Python package: one script, one style sheet, one document, and the licences of what is inside.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "emotion_runtime", "monitor", "assets");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const done = await build({
  entryPoints: { page: join(here, "src", "page.jsx") },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  metafile: true,
});
copyFileSync(join(here, "src", "index.html"), join(out, "index.html"));

const inside = new Set();
for (const file of Object.keys(done.metafile.inputs)) {
  const found = file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) inside.add(found[1]);
}
const papers = [...inside].sort().map((name) => {
  const folder = join(here, "node_modules", name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
  const text = readFileSync(join(folder, "LICENSE"), "utf-8").trim();
  return `${name} ${about.version} (${about.license})\n\n${text}\n`;
});
writeFileSync(join(out, "LICENSES.txt"), papers.join("\n" + "-".repeat(72) + "\n\n"), "utf-8");
