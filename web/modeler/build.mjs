// Builds the bundle of bpmn-js that the workbench's editor uses: `npm run build` in this folder.
import { build } from "esbuild";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const target = join(import.meta.dirname, "..", "static", "vendor", "bpmn-modeler");
const modules = join(import.meta.dirname, "node_modules");
const assets = join(modules, "bpmn-js", "dist", "assets");
const version = JSON.parse(readFileSync(join(modules, "bpmn-js", "package.json"))).version;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const built = await build({
  entryPoints: [join(import.meta.dirname, "entry.js")],
  outfile: join(target, "bpmn-modeler.min.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  legalComments: "none",
  banner: { js: `/* bpmn-js ${version} and what it needs, bundled unchanged; see LICENSE and LICENSES.txt beside this file */` },
  metafile: true,
});

for (const file of ["bpmn-js.css", "diagram-js.css"]) cpSync(join(assets, file), join(target, file));
cpSync(join(assets, "bpmn-font", "css", "bpmn.css"), join(target, "bpmn-font", "css", "bpmn.css"));
for (const file of ["bpmn.woff", "bpmn.woff2"]) {
  cpSync(join(assets, "bpmn-font", "font", file), join(target, "bpmn-font", "font", file));
}
cpSync(join(modules, "bpmn-js", "LICENSE"), join(target, "LICENSE"));
writeFileSync(join(target, "LICENSES.txt"), licences(Object.keys(built.metafile.inputs)));

// The licence of each package of which the bundle holds a part.
function licences(inputs) {
  const inside = /node_modules\/((?:@[^/]+\/)?[^/]+)\//;
  const names = [...new Set(inputs.map((input) => inside.exec(input)?.[1]).filter(Boolean))].sort();
  return names.map((name) => {
    const folder = join(modules, name);
    const about = JSON.parse(readFileSync(join(folder, "package.json")));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() : "(no text in the package)";
    return `${name} ${about.version} (${about.license})\n\n${text}\n`;
  }).join(`\n${"-".repeat(100)}\n\n`);
}
