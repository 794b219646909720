// A headless Chromium for tests in other languages: a JSON command on each line of standard input, its
// result as one line of JSON on standard output. {"value": …} or {"error": "…"}.
//   node browser.mjs
// Ends with 77 when there is no browser here.
import {existsSync} from 'node:fs';
import {createInterface} from 'node:readline';

const skip = why => { console.error(why); process.exit(77); };
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find(existsSync);
if (!chromium) skip('there is no Chromium');
const puppeteer = await import('puppeteer-core').catch(() => null);
if (!puppeteer) skip('web/node_modules has no puppeteer-core: scripts/web.sh test');

const browser = await puppeteer.launch({executablePath: chromium, headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']});
const page = await browser.newPage();
const seen = {errors: [], strange: [], dialogs: 0};
let origin = '';
page.on('pageerror', error => seen.errors.push(String(error)));
page.on('request', request => {
  if (!request.url().startsWith(origin)) seen.strange.push(request.url());
});
page.on('dialog', dialog => { ++seen.dialogs; dialog.dismiss(); });

const commands = {
  async open({url, width, height}) {
    origin = url;
    await page.setViewport({width: width ?? 1280, height: height ?? 900});
    const answer = await page.goto(url, {waitUntil: 'domcontentloaded'});
    return answer.status();
  },
  eval: ({code}) => page.evaluate(code),
  click: ({selector}) => page.click(selector),
  focus: ({selector}) => page.focus(selector),
  type: ({text}) => page.keyboard.type(text),
  key: ({name}) => page.keyboard.press(name),
  viewport: ({width, height}) => page.setViewport({width, height}),
  theme: ({value}) => page.emulateMediaFeatures([{name: 'prefers-color-scheme', value}]),
  screenshot: async ({path, whole}) => { await page.screenshot({path, fullPage: whole ?? false}); },
  seen: () => seen,
};

console.log(JSON.stringify({value: 'ready'}));
for await (const line of createInterface({input: process.stdin})) {
  const command = JSON.parse(line);
  try {
    console.log(JSON.stringify({value: await commands[command.do](command) ?? null}));
  } catch (error) {
    console.log(JSON.stringify({error: String(error)}));
  }
}
await browser.close();
