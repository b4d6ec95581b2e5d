import { useEffect, useState } from 'react';
import styles from './QrCode.module.css';
import type { QrPath } from './qr';

/** A QR code of a text, which is to be read beside it. If it cannot be made, nothing is shown: the text says the same. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [code, setCode] = useState<{ text: string; qr: QrPath } | null>(null);
  useEffect(() => {
    let current = true;
    import('./qr').then(
      ({ qrPath }) => current && setCode({ text, qr: qrPath(text) }),
      () => current && setCode(null),
    );
    return () => {
      current = false;
    };
  }, [text]);
  if (code?.text !== text) return <div className={styles.plate} />;
  const { size, path } = code.qr;
  return (
    <div className={styles.plate}>
      <svg role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
        <path d={path} />
      </svg>
    </div>
  );
}
