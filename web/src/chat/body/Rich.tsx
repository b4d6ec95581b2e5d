import type { MessageEntry } from '@parley-chat/client';
import type { ReactNode } from 'react';
import { CodeBlock } from './CodeBlock';
import { type Marks, named } from './Named';
import styles from './Rich.module.css';
import { type Branch, read, type Tree, textOf } from './tree';

/** What was drawn of an entry, with what marked: rows come and go while somebody scrolls, and an entry never changes. */
const drawn = new WeakMap<MessageEntry, Marks & { elements: ReactNode }>();

/**
 * The elements of a message that the server has rendered, with the names of those whom it names and highlighted words marked;
 * null if what it sent is not what it may send.
 */
export function rich(entry: MessageEntry, names: string, words: readonly string[]): ReactNode {
  if (entry.html === null) return null;
  let made = drawn.get(entry);
  if (made?.names !== names || made.words !== words) {
    const tree = read(entry.html);
    made = { names, words, elements: tree && draw(tree, { names, words }) };
    drawn.set(entry, made);
  }
  return made.elements;
}

const draw = (tree: Tree, marks: Marks): ReactNode[] =>
  tree.map((part, at) => (typeof part === 'string' ? named(part, marks, at) : element(part, at, marks)));

const none: Marks = { names: '', words: [] };

/** The parts of a text never change their order: their places are their keys. */
function element({ name, value, inside }: Branch, key: number, marks: Marks): ReactNode {
  switch (name) {
    case 'br':
      return <br key={key} />;
    case 'a':
      return (
        <a key={key} href={value ?? undefined} title={value ?? undefined} target="_blank" rel="noopener noreferrer">
          {draw(inside, marks)}
        </a>
      );
    case 'pre': {
      const [first] = inside;
      const code = typeof first === 'object' ? first : { value: null, inside };
      return (
        <CodeBlock key={key} language={code.value} text={textOf(inside)}>
          {draw(code.inside, none)}
        </CodeBlock>
      );
    }
    case 'code':
      return (
        <code key={key} className={styles.code}>
          {draw(inside, none)}
        </code>
      );
    case 'span':
      return (
        <span key={key} className={styles[`of-${value}`]}>
          {draw(inside, marks)}
        </span>
      );
    case 'ol':
      return (
        <ol key={key} start={value === null ? undefined : Number(value)}>
          {draw(inside, marks)}
        </ol>
      );
    default: {
      const Element = name;
      return <Element key={key}>{draw(inside, marks)}</Element>;
    }
  }
}
