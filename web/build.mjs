// Makes the report's page of the sources beside it: one HTML file with a gap for the data, written as
// a C++ source so that libreport holds it.
//   node build.mjs OUT.cc
import {createHash} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

async function bundled(entry, loader) {
  const made = await build({entryPoints: [join(here, entry)], bundle: true, minify: true, loader,
                            write: false, format: 'iife', target: ['es2022'], charset: 'ascii',
                            legalComments: 'none', logLevel: 'warning'});
  return made.outputFiles[0].text.trim();
}

const hash = text => createHash('sha256').update(text).digest('base64');

const style = readFileSync(join(here, 'node_modules/uplot/dist/uPlot.min.css'), 'utf8').trim() + '\n'
  + (await build({entryPoints: [join(here, 'src/page.css')], minify: true, write: false,
                  charset: 'ascii'})).outputFiles[0].text.trim();
const script = await bundled('src/main.js');
for (const [what, text, end] of [['script', script, '</script'], ['style', style, '</style']])
  if (text.toLowerCase().includes(end)) throw new Error(`the ${what} holds ${end}`);

const page = readFileSync(join(here, 'page.html'), 'utf8')
  .replace('{{script-hash}}', () => hash(script)).replace('{{style-hash}}', () => hash(style))
  .replace('{{style}}', () => style).replace('{{script}}', () => script);

// Raw string literals of a size that every compiler takes.
const delimiter = 'gend_page', piece = 8000;
const literal = text => {
  if (text.includes(`)${delimiter}"`)) throw new Error('the page holds the end of its literal');
  const pieces = [];
  for (let i = 0; i < text.length; i += piece) pieces.push(text.slice(i, i + piece));
  return pieces.map(each => `R"${delimiter}(${each})${delimiter}"`).join('\n');
};
const [before, after] = page.split('{{data}}');
writeFileSync(process.argv[2], `// Made by web/build.mjs.
#include "report/page_parts.h"
namespace gend::report {
const std::string_view kPageBeforeData =
${literal(before)};
const std::string_view kPageAfterData =
${literal(after)};
}  // namespace gend::report
`);
