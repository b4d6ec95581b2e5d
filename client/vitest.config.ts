import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { compileScript, parse } from 'vue/compiler-sfc';

/** Where the examples of the README seem to lie. */
const folder = new URL('test/readme/', import.meta.url).pathname;

/** The README's first block of a language. */
function example(language: string): string {
  const text = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const found = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(text);
  if (!found) throw new Error(`README.md has no example in ${language}`);
  return found[1]!;
}

/** The examples as modules: readme:plain (its markup is readme:markup), readme:react and readme:vue. */
function readme(): Plugin {
  const modules: Record<string, () => string> = {
    'plain.js': () => /<script type="module">\n(.*)<\/script>/s.exec(example('html'))![1]!,
    'markup.js': () => `export default ${JSON.stringify(example('html').replace(/<script.*<\/script>/s, ''))}`,
    'react.tsx': () => example('tsx'),
    'vue.js': () => compileScript(parse(example('vue')).descriptor, { id: 'readme', inlineTemplate: true }).content,
  };
  return {
    name: 'readme',
    enforce: 'pre',
    resolveId: (id) => {
      const name = Object.keys(modules).find((m) => id === `readme:${m.split('.')[0]}`);
      return name ? folder + name : undefined;
    },
    load: (id) => (id.startsWith(folder) ? modules[id.slice(folder.length)]?.() : undefined),
  };
}

const source = (name: string) => new URL(`src/${name}.ts`, import.meta.url).pathname;

export default defineConfig({
  plugins: [readme()],
  resolve: {
    alias: [
      { find: /^@parley-chat\/client$/, replacement: source('index') },
      { find: /^@parley-chat\/client\/(hold|people|offline|react|rest|vue)$/, replacement: source('$1') },
    ],
  },
  test: { include: ['test/**/*.test.{ts,tsx}'], testTimeout: 60_000 },
});
