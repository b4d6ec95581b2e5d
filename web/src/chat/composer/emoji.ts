/** Emoji by their names, and what this device keeps of them: a skin tone and those used last. */
import { device } from '../../app/storage';
import { type Candidate, fold, matching } from './rank';

export const tones = ['none', 'light', 'medium-light', 'medium', 'medium-dark', 'dark'] as const;
export type Tone = (typeof tones)[number];

const modifiers = ['', '🏻', '🏼', '🏽', '🏾', '🏿'];

export interface Emoji extends Candidate {
  emoji: string;
  /** The same with a light skin; '' for what has none. */
  light: string;
}

/** Reads the list that the build makes (see vite-emoji.ts): an emoji a line, "emoji[,with a light skin] name name". */
export function readNames(list: string): Emoji[] {
  return list.split('\n').map((line) => {
    const [signs = '', ...names] = line.split(' ');
    const [emoji = '', light = ''] = signs.split(',');
    return { emoji, light, names, near: true };
  });
}

/** The name under which an emoji was found. */
export function nameFor(of: Emoji, query: string): string {
  const wanted = fold(query);
  const rank = (name: string) => matching(wanted, name) ?? 4;
  return of.names.reduce((a, b) => (rank(b) < rank(a) ? b : a), of.names[0] ?? '');
}

export const toned = (of: Emoji, tone: Tone): string =>
  tone === 'none' || of.light === '' ? of.emoji : of.light.replaceAll('🏻', modifiers[tones.indexOf(tone)] ?? '');

/** As many as fit into two lines of the picker. */
const most = 16;

export const kept = {
  tone: (): Tone => tones.find((tone) => tone === device.get('emoji.tone')) ?? 'none',
  setTone: (tone: Tone) => device.set('emoji.tone', tone),
  recent: (): string[] => (device.get('emoji.recent') ?? '').split(' ').filter(Boolean).slice(0, most),
  use: (emoji: string) =>
    device.set('emoji.recent', [emoji, ...kept.recent().filter((other) => other !== emoji)].slice(0, most).join(' ')),
};
