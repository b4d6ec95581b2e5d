import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { emoji } from './vite-emoji.ts';

/** Where `npm run -w web dev` finds a running server: `PARLEY=http://127.0.0.1:8080`. */
const server = process.env.PARLEY ?? 'http://127.0.0.1:8080';

/**
 * Writes the icon and the manifest under hashed names, as everything else in assets/: the server lets browsers
 * keep what lies there for ever.
 */
function manifest(): Plugin {
  let iconName = '';
  return {
    name: 'parley-manifest',
    apply: 'build',
    generateBundle() {
      const icon = this.emitFile({ type: 'asset', name: 'icon.svg', source: readFileSync('icons/icon.svg') });
      iconName = this.getFileName(icon);
      const text = JSON.stringify({
        name: 'Parley',
        short_name: 'Parley',
        start_url: '../',
        scope: '../',
        display: 'standalone',
        icons: [{ src: iconName.replace('assets/', ''), sizes: 'any', type: 'image/svg+xml' }],
      });
      this.emitFile({ type: 'asset', name: 'manifest.webmanifest', source: text });
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const manifest = Object.keys(bundle ?? {}).find((name) => name.endsWith('.webmanifest'));
        return [
          { tag: 'link', attrs: { rel: 'icon', href: `./${iconName}`, type: 'image/svg+xml' }, injectTo: 'head' },
          { tag: 'link', attrs: { rel: 'manifest', href: `./${manifest}` }, injectTo: 'head' },
        ];
      },
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [react(), manifest(), emoji()],
  resolve: {
    alias: [
      { find: /^@parley-chat\/client$/, replacement: new URL('../client/src/index.ts', import.meta.url).pathname },
      { find: /^@parley-chat\/client\/(\w+)$/, replacement: new URL('../client/src/$1.ts', import.meta.url).pathname },
    ],
  },
  build: {
    assetsInlineLimit: 0,
    // light-dark() and nested rules go out as they are written: every browser that has oklch() and `inert` has them.
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    // A part that comes later asks for its own parts: to name them all in the first one would make that larger, for a moment seldom won.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, files, { hostType }) => (hostType === 'html' ? files : []),
    },
    reportCompressedSize: true,
    // What the page begins with is one piece, also what later parts use of it: in pieces it packs worse, by several KiB.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
  },
  server: {
    proxy: {
      '/api': { target: server },
      '/ws': { target: server, ws: true },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
    restoreMocks: true,
    testTimeout: 30_000,
    setupFiles: ['src/app/testsetup.ts'],
  },
});
