import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Custom properties; React sets them through the CSSOM, which a strict policy allows. */
    [property: `--${string}`]: string | number | undefined;
  }
}
