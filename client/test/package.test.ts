/** What the package weighs and what it promises to whoever installs it. */
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url).pathname;
const { exports, dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The core may weigh this after minification and gzip, in bytes. */
const CORE = 15 * 1024;
/** What each other part may weigh on top of the core. */
const PARTS = {
  heard: 512,
  hold: 1024,
  levels: 1024,
  past: 512,
  people: 2 * 1024,
  presence: 2 * 1024,
  rest: 2 * 1024,
  react: 2 * 1024,
  threads: 5 * 1024,
  vue: 2 * 1024,
  offline: 6 * 1024,
};

/** weight bundles entries as a page would and returns what crosses the network. */
async function weight(...entries: string[]): Promise<number> {
  const entry = `${root}page.ts`;
  const page = entries.map((e) => `export * from ${JSON.stringify(`${root}src/${e}.ts`)};`).join('\n');
  const built = (await build({
    configFile: false,
    root,
    logLevel: 'error',
    plugins: [
      { name: 'page', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? page : null) },
    ],
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      lib: { entry, formats: ['iife'], name: 'parley' },
      rollupOptions: { external: ['react', 'vue'], output: { globals: { react: 'React', vue: 'Vue' } } },
    },
  })) as Rollup.RollupOutput[];
  return gzipSync(built[0]!.output[0].code, { level: 9 }).length;
}

test('the core stays under 15 KiB, and the other parts are small', async () => {
  const core = await weight('index');
  expect(core, 'bytes of the core').toBeLessThan(CORE);
  const present = await weight('index', 'presence', 'past');
  const usesPresence = new Set(['react', 'vue']);
  for (const [name, most] of Object.entries(PARTS))
    expect((await weight('index', name)) - (usesPresence.has(name) ? present : core), `bytes of ${name}`).toBeLessThan(
      most,
    );
});

test('there are no dependencies, and each export has its source, its types and its code in the same place', () => {
  expect(dependencies).toBeUndefined();
  for (const [path, e] of Object.entries(exports as Record<string, Record<string, string>>)) {
    const name = path === '.' ? 'index' : path.slice(2);
    expect(e).toEqual({ source: `./src/${name}.ts`, types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
    expect(existsSync(root + e.source)).toBe(true);
  }
});
