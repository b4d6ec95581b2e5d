import { Check } from 'lucide-react';
import styles from './Swatches.module.css';

/** A hue that a workspace can take. Each keeps its contrast: the lightness is the theme's. */
interface Swatch {
  hue: number;
  name: string;
}

/** The colours to choose from, around the circle. Their rules are in Swatches.module.css. */
export const swatches: readonly Swatch[] = [
  { hue: 212, name: 'Tide' },
  { hue: 262, name: 'Ink' },
  { hue: 300, name: 'Plum' },
  { hue: 12, name: 'Rose' },
  { hue: 45, name: 'Rust' },
  { hue: 120, name: 'Moss' },
  { hue: 165, name: 'Pine' },
];

/** A choice of one colour. A hue that is none of the swatches, as another client may set it, leaves all unchosen. */
export function Swatches({ hue, onChange }: { hue: number; onChange: (hue: number) => void }) {
  return (
    <fieldset className={styles.field}>
      <legend className={styles.legend}>Colour</legend>
      <div className={styles.row}>
        {swatches.map((swatch) => (
          <label
            key={swatch.hue}
            className={`${styles.swatch} ${styles[`hue${swatch.hue}`]}`}
            data-accent=""
            title={swatch.name}
          >
            <input
              type="radio"
              name="hue"
              value={swatch.hue}
              checked={hue === swatch.hue}
              onChange={() => onChange(swatch.hue)}
              aria-label={swatch.name}
            />
            <span className={styles.square}>
              <Check aria-hidden="true" />
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
