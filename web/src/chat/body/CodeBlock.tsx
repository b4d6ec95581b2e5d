import { Check, Copy } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { body } from '../../text/body';
import { Icon } from '../../ui';
import { copyText } from '../copy';
import styles from './CodeBlock.module.css';

interface CodeBlockProps {
  language: string | null;
  /** What is copied. */
  text: string;
  children: ReactNode;
}

/** Code on lines of its own. Long lines scroll within it, by keyboard as well. */
export function CodeBlock({ language, text, children }: CodeBlockProps) {
  const code = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState<'' | 'yes' | 'no'>('');
  const copy = async () => {
    const done = await copyText(text);
    setCopied(done ? 'yes' : 'no');
    if (!done && code.current) getSelection()?.selectAllChildren(code.current); // so that the keyboard can
  };
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/useSemanticElements: a group with a name, of no form */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre className={styles.code} role="group" aria-label={body.code(language)} tabIndex={0}>
        <code ref={code} dir="ltr">
          {children}
        </code>
      </pre>
      <button
        type="button"
        className={styles.copy}
        onClick={() => void copy()}
        title={body.copy}
        aria-label={body.copy}
      >
        <Icon of={copied === 'yes' ? Check : Copy} size={16} />
      </button>
      <span className={copied === 'no' ? styles.failed : styles.said} role="status">
        {copied === 'yes' && body.copied}
        {copied === 'no' && body.notCopied}
      </span>
    </div>
  );
}
