import { Check } from 'lucide-react';
import { entry as texts } from '../text/entry';
import styles from './Swatches.module.css';

/** A hue that a workspace can take. Each keeps its contrast: the lightness is the theme's. */
interface Swatch {
  hue: number;
  name: string;
}

/** The colours to choose from, around the circle. Their rules are in Swatches.module.css. */
export const swatches: readonly Swatch[] = [
  { hue: 212, name: texts.colours.tide },
  { hue: 262, name: texts.colours.ink },
  { hue: 300, name: texts.colours.plum },
  { hue: 12, name: texts.colours.rose },
  { hue: 45, name: texts.colours.rust },
  { hue: 120, name: texts.colours.moss },
  { hue: 165, name: texts.colours.pine },
];

/** A choice of one colour. A hue that is none of the swatches, as another client may set it, leaves all unchosen. */
export function Swatches({ hue, onChange }: { hue: number; onChange: (hue: number) => void }) {
  return (
    <fieldset className={styles.field}>
      <legend className={styles.legend}>{texts.fields.colour}</legend>
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
