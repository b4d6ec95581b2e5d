import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(require.resolve(`emojibase-data/en/${file}`), 'utf8'));

interface Skin {
  emoji: string;
  tone?: number | number[];
}

interface Emoji {
  emoji: string;
  hexcode: string;
  label: string;
  group?: number;
  subgroup?: number;
  version: number;
  tags?: string[];
  skins?: Skin[];
}

/** Parts of emoji that are none themselves: hair, tones of skin. */
const components = 2;

/** Emoji newer than this are offered by the picker alone, which knows what the browser can draw. */
const drawnEverywhere = 15;

/** emojibase marks each emoji that also exists as text; those that are drawn in colour anyway are written without the mark. */
const plain = (emoji: string) => emoji.replace(/^(\p{Emoji_Presentation})\ufe0f$/u, '$1');

const wanted = (emoji: Emoji) => emoji.group !== undefined && emoji.group !== components;

/** What the picker reads, as emojibase has it, without what it does not read: 53 KiB of gzip instead of 110. */
function data(): Record<string, string> {
  const emoji = (read('data.json') as Emoji[]).filter(wanted).map((each) => ({
    label: each.label,
    emoji: plain(each.emoji),
    group: each.group,
    subgroup: each.subgroup,
    version: each.version,
    tags: each.tags,
    skins: each.skins?.filter(({ tone }) => typeof tone === 'number').map(({ emoji, tone }) => ({ emoji, tone })),
  }));
  const { groups, subgroups, skinTones } = read('messages.json');
  return {
    'en/data.json': JSON.stringify(emoji),
    'en/messages.json': JSON.stringify({ groups, subgroups, skinTones }),
  };
}

/** An emoji a line: "emoji[,with a light skin] name name". GitHub's names come first, as most people know those. */
function names(): string {
  const sets = [read('shortcodes/github.json'), read('shortcodes/emojibase.json')];
  return (read('data.json') as Emoji[])
    .filter((each) => wanted(each) && each.version <= drawnEverywhere)
    .map(({ emoji, hexcode, skins }) => {
      const called = new Set(sets.flatMap((set) => set[hexcode] ?? []));
      const light = skins?.find(({ tone }) => tone === 1)?.emoji;
      return called.size > 0 ? [light ? `${plain(emoji)},${light}` : plain(emoji), ...called].join(' ') : '';
    })
    .filter(Boolean)
    .join('\n');
}

/**
 * The page's own emoji, made of emojibase-data: `virtual:emoji-data` is the address of the picker's files, from the page's
 * base; they lie under a hash of what is in them, as all assets do. `virtual:emoji-names` is the list for completion.
 */
export function emoji(): Plugin {
  const files = data();
  const hash = createHash('sha256').update(Object.values(files).join()).digest('hex').slice(0, 8);
  const folder = `assets/emoji-${hash}`;
  const virtual: Record<string, () => string> = {
    '\0virtual:emoji-data': () => `export default ${JSON.stringify(folder)};`,
    '\0virtual:emoji-names': () => `export default ${JSON.stringify(names())};`,
  };
  return {
    name: 'parley-emoji',
    resolveId: (id) => (`\0${id}` in virtual ? `\0${id}` : undefined),
    load: (id) => virtual[id]?.(),
    buildStart() {
      if (this.environment?.mode === 'build') {
        for (const [name, source] of Object.entries(files)) {
          this.emitFile({ type: 'asset', fileName: `${folder}/${name}`, source });
        }
      }
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const [, name] = request.url?.split(`${folder}/`) ?? [];
        const source = name && files[name];
        if (!source) return next();
        response.setHeader('Content-Type', 'application/json');
        response.end(source);
      });
    },
  };
}
