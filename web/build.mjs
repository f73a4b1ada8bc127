// Bundles the pages into one folder, compressed, with a list that the C side embeds:
//   node build.mjs OUTPUT_FOLDER
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, 'dist'));
const SCRIPT_GZIP_MAX = 60_000;

function installPackages() {
  const installed = join(here, 'node_modules', '.package-lock.json');
  const lock = join(here, 'package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
                 { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

installPackages();
execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', here],
             { stdio: ['ignore', 'inherit', 'inherit'] });
const { build } = await import('esbuild');

const result = await build({
  entryPoints: [join(here, 'src/main.tsx')],
  bundle: true,
  minify: true,
  write: false,
  outdir: 'out',
  format: 'iife',
  target: ['es2020'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const script = result.outputFiles.find((f) => f.path.endsWith('.js')).contents;
const style = result.outputFiles.find((f) => f.path.endsWith('.css')).contents;
const icon = readFileSync(join(here, 'icon.svg'));
const scriptPath = `/assets/app-${digest(script)}.js`;
const stylePath = `/assets/app-${digest(style)}.css`;
const iconPath = `/assets/icon-${digest(icon)}.svg`;
const page = Buffer.from(readFileSync(join(here, 'index.html'), 'utf8')
  .replace('%SCRIPT%', scriptPath).replace('%STYLE%', stylePath).replace('%ICON%', iconPath));

const files = [
  ['index_html', '/index.html', 'text/html; charset=utf-8', page, 0],
  ['app_js', scriptPath, 'text/javascript; charset=utf-8', script, 1],
  ['app_css', stylePath, 'text/css; charset=utf-8', style, 1],
  ['icon_svg', iconPath, 'image/svg+xml', icon, 1],
];

mkdirSync(out, { recursive: true });
let rows = '/* Made by build.mjs. PAGE(symbol, path, content type, etag, immutable) */\n';
for (const [symbol, path, type, bytes, immutable] of files) {
  const packed = gzipSync(bytes, { level: 9 });
  if (symbol === 'app_js' && packed.length > SCRIPT_GZIP_MAX) {
    throw new Error(`the script is ${packed.length} bytes compressed, at most ${SCRIPT_GZIP_MAX}`);
  }
  writeFileSync(join(out, `${symbol}.gz`), packed);
  rows += `PAGE(${symbol}, "${path}", "${type}", "\\"${digest(bytes)}\\"", ${immutable})\n`;
}
writeFileSync(join(out, 'pages.def'), rows);
