import type { MessageEntry } from '@parley-chat/client';
import type { ReactNode } from 'react';
import { CodeBlock } from './CodeBlock';
import { marked } from './marked';
import styles from './Rich.module.css';
import { type Branch, read, type Tree, textOf } from './tree';

/** What was drawn of an entry, with which words marked: rows come and go while somebody scrolls, and an entry never changes. */
const drawn = new WeakMap<MessageEntry, { words: readonly string[]; elements: ReactNode }>();

/**
 * The elements of a message that the server has rendered, with highlighted words marked; null if what it sent is not what it may
 * send.
 */
export function rich(entry: MessageEntry, words: readonly string[]): ReactNode {
  if (entry.html === null) return null;
  let made = drawn.get(entry);
  if (made?.words !== words) {
    const tree = read(entry.html);
    made = { words, elements: tree && draw(tree, words) };
    drawn.set(entry, made);
  }
  return made.elements;
}

const draw = (tree: Tree, words: readonly string[]): ReactNode[] =>
  tree.map((part, at) => (typeof part === 'string' ? marked(part, words, at) : element(part, at, words)));

const none: readonly string[] = [];

/** The parts of a text never change their order: their places are their keys. */
function element({ name, value, inside }: Branch, key: number, words: readonly string[]): ReactNode {
  switch (name) {
    case 'br':
      return <br key={key} />;
    case 'a':
      return (
        <a key={key} href={value ?? undefined} title={value ?? undefined} target="_blank" rel="noopener noreferrer">
          {draw(inside, words)}
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
          {draw(inside, words)}
        </span>
      );
    case 'ol':
      return (
        <ol key={key} start={value === null ? undefined : Number(value)}>
          {draw(inside, words)}
        </ol>
      );
    default: {
      const Element = name;
      return <Element key={key}>{draw(inside, words)}</Element>;
    }
  }
}
