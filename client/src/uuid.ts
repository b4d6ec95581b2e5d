/** uuidv7 makes a time-ordered UUID. It works on pages without TLS too, where crypto.randomUUID is missing. */
export function uuidv7(now: number): string {
  const hex = (n: number, digits = 4) => n.toString(16).padStart(digits, '0');
  const time = hex(Math.max(0, Math.floor(now)), 12);
  const [a, b, ...rest] = crypto.getRandomValues(new Uint16Array(5));
  const random = rest.map((n) => hex(n)).join('');
  return `${time.slice(0, 8)}-${time.slice(8)}-${hex((a! & 0xfff) | 0x7000)}-${hex((b! & 0x3fff) | 0x8000)}-${random}`;
}
