// From a refusal of the server to the sentence at the field that it speaks of.

import { entry } from '../text/entry';

const texts = entry.problem;

/** What is read of an error of the API. Whatever was thrown instead, such as a failed fetch, has none of it. */
interface Refusal {
  code?: unknown;
  status?: unknown;
  message?: unknown;
  retryAfter?: unknown;
  requestId?: unknown;
}

/** Something that went wrong: what to say, at which field of the form ('' for none), and when to try again. */
export interface Fault<Field extends string> {
  field: Field | '';
  text: string;
  /** Milliseconds to wait before the next try, 0 when there is no need. */
  retryAfter: number;
}

/** Words of a refusal that name a field, in the order in which they are looked for. */
const words: Record<string, RegExp> = {
  workspace: /\bworkspace\b/i,
  current: /\bcurrent\b/i,
  next: /\b(new|next) password\b|\bpassword\b/i,
  password: /\bpassword\b/i,
  email: /\be-?mail\b/i,
  display: /\bdisplay\b/i,
  name: /\bname\b/i,
};

/** The server's fragment as a sentence. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1) + (/[.!?…]$/.test(trimmed) ? '' : '.');
}

/** The code of a refusal by the server, '' when it is none. */
export function codeOf(error: unknown): string {
  const code = (error as Refusal | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** Milliseconds after which a refused request may work, 0 when the server did not say. */
export function retryAfterOf(error: unknown): number {
  const wait = (error as Refusal | null)?.retryAfter;
  return typeof wait === 'number' && wait > 0 ? wait : 0;
}

/** What happened and what to do, for a person. */
export function textOf(error: unknown): string {
  const { message, requestId } = (error ?? {}) as Refusal;
  const said = typeof message === 'string' ? message : '';
  switch (codeOf(error)) {
    case '':
    case 'network':
      return texts.network;
    case 'internal':
      return texts.internal(typeof requestId === 'string' ? requestId : '');
    case 'unknown_outcome':
      return texts.unknownOutcome;
    default:
      return sentence(said) || texts.refused;
  }
}

/**
 * Finds the field that a refusal speaks of among those of the form, given from the most special to the most general. A
 * refusal that names none, or is not about what was typed, belongs to the whole form.
 */
export function faultOf<Field extends string>(error: unknown, fields: readonly Field[]): Fault<Field> {
  const text = textOf(error);
  const retryAfter = retryAfterOf(error);
  const code = codeOf(error);
  const aboutFields = code === 'invalid' || code === 'too_large' || code === 'conflict';
  const field = aboutFields ? fields.find((name) => words[name]?.test(text)) : undefined;
  return { field: field ?? '', text, retryAfter };
}
