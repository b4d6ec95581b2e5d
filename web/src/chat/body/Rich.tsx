import type { MessageEntry } from '@parley-chat/client';
import type { ReactNode } from 'react';
import { CodeBlock } from './CodeBlock';
import { named } from './Named';
import styles from './Rich.module.css';
import { type Branch, read, type Tree, textOf } from './tree';

/** What was drawn of an entry: rows come and go while somebody scrolls, and an entry never changes. */
const drawn = new WeakMap<MessageEntry, { names: string; elements: ReactNode }>();

/** The elements of a message that the server has rendered; null if what it sent is not what it may send. names: whom it names. */
export function rich(entry: MessageEntry, names: string): ReactNode {
  if (entry.html === null) return null;
  let known = drawn.get(entry);
  if (known?.names !== names) {
    const tree = read(entry.html);
    known = { names, elements: tree && draw(tree, names) };
    drawn.set(entry, known);
  }
  return known.elements;
}

const draw = (tree: Tree, names: string): ReactNode[] =>
  tree.map((part, at) => (typeof part === 'string' ? named(part, names) : element(part, at, names)));

/** The parts of a text never change their order: their places are their keys. */
function element({ name, value, inside }: Branch, key: number, names: string): ReactNode {
  switch (name) {
    case 'br':
      return <br key={key} />;
    case 'a':
      return (
        <a key={key} href={value ?? undefined} title={value ?? undefined} target="_blank" rel="noopener noreferrer">
          {draw(inside, names)}
        </a>
      );
    case 'pre': {
      const [first] = inside;
      const code = typeof first === 'object' ? first : { value: null, inside };
      return (
        <CodeBlock key={key} language={code.value} text={textOf(inside)}>
          {draw(code.inside, '')}
        </CodeBlock>
      );
    }
    case 'code':
      return (
        <code key={key} className={styles.code}>
          {draw(inside, '')}
        </code>
      );
    case 'span':
      return (
        <span key={key} className={styles[`of-${value}`]}>
          {draw(inside, '')}
        </span>
      );
    case 'ol':
      return (
        <ol key={key} start={value === null ? undefined : Number(value)}>
          {draw(inside, names)}
        </ol>
      );
    default: {
      const Element = name;
      return <Element key={key}>{draw(inside, names)}</Element>;
    }
  }
}
