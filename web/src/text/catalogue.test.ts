import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAst } from 'vite';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '..');

/** Attributes that people read or hear. */
const spoken = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-roledescription',
  'aria-valuetext',
  'label',
  'placeholder',
  'title',
]);

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** Words that a node has itself: a string, a template or the text between tags. */
function wordsOf(node: Node): string {
  if (node.type === 'JSXText' || node.type === 'Literal') {
    return typeof node.value === 'string' ? node.value : '';
  }
  if (node.type === 'TemplateElement') {
    return (node.value as { cooked: string }).cooked;
  }
  return '';
}

type Place = 'code' | 'jsx' | 'spoken' | 'unspoken';

/** Where the children of a node stand: between tags, in an attribute that is read out, in one that is not, or elsewhere. */
function placeWithin(node: Node, place: Place): Place {
  switch (node.type) {
    case 'JSXElement':
    case 'JSXFragment':
      return 'jsx';
    case 'JSXAttribute':
      return spoken.has((node.name as { name: string }).name) ? 'spoken' : 'unspoken';
    case 'CallExpression':
    case 'BinaryExpression':
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return place === 'spoken' ? place : 'code'; // arguments and comparisons are not what is shown
    case 'ImportDeclaration':
    case 'ThrowStatement':
      return 'unspoken'; // errors of the program are for its developers
    default:
      return place;
  }
}

/** Whether words in such a place are for people: all that are shown, and elsewhere what looks like a phrase. */
function forPeople(words: string, place: Place): boolean {
  if (place === 'jsx' || place === 'spoken') {
    return /\p{L}{2}/u.test(words);
  }
  return place === 'code' && /^\s*\p{Lu}\p{L}*[,.]? \p{L}/u.test(words);
}

function find(value: unknown, place: Place, found: (words: string, at: number) => void): void {
  if (Array.isArray(value)) {
    for (const each of value) find(each, place, found);
  } else if (isNode(value)) {
    const words = wordsOf(value);
    if (forPeople(words, place)) found(words.trim(), value.start);
    const within = placeWithin(value, place);
    for (const [key, child] of Object.entries(value)) {
      if (key !== 'name' || value.type !== 'JSXAttribute') find(child, within, found);
    }
  }
}

/** The words in a source, each as "line: words". */
function words(source: string, lang: 'ts' | 'tsx' = 'tsx'): string[] {
  const list: string[] = [];
  find(parseAst(source, { lang }), 'code', (text, at) => {
    list.push(`${source.slice(0, at).split('\n').length}: ${text}`);
  });
  return list;
}

test('words in a component are found', () => {
  const source = `
    const a = <p title="Say it" className="one two">Hello {name}</p>;
    const b = <b>{open ? 'Close' : \`Open \${name}\`}</b>;
    const c = go('The room is full');
    const d = key === 'Enter' && <i aria-hidden="true">{list.map((x) => <u key={\`k \${x}\`}>#</u>)}</i>;
    throw new Error('There is no room');
  `;
  expect(words(source).map((line) => line.slice(line.indexOf(':') + 2))).toEqual([
    'Say it',
    'Hello',
    'Close',
    'Open',
    'The room is full',
  ]);
});

test('no component has words of its own', () => {
  const files = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter(
      (file) => file.isFile() && /\.tsx?$/.test(file.name) && !/\.(test|fixture)\.|testing\.|\.d\.ts$/.test(file.name),
    )
    .map((file) => relative(src, join(file.parentPath, file.name)))
    .filter((file) => !file.startsWith('text/'));
  const found = files.flatMap((file) =>
    words(readFileSync(join(src, file), 'utf8'), file.endsWith('x') ? 'tsx' : 'ts').map((line) => `${file}:${line}`),
  );
  expect(found).toEqual([]);
});
