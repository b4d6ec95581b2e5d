// The checks of what people type, the same as the server's, so that most mistakes are told before anything is sent. Each
// returns the sentence to show at the field, or '' when the text will do.

import { entry } from '../text/entry';

const texts = entry.rules;

/** How many code points a name may have. */
export const MAX_NAME = 32;
/** How many code points a workspace's name may have. */
export const MAX_WORKSPACE = 64;
/** How few characters a new password may have. */
export const MIN_PASSWORD = 8;
/** How many bytes of UTF-8 a password may have. */
export const MAX_PASSWORD_BYTES = 1024;
/** How many code points the name that others see may have. */
export const MAX_DISPLAY = 64;
/** How many bytes of UTF-8 an e-mail address may have (RFC 5321, path without its brackets). */
export const MAX_EMAIL = 254;

const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}]/u;
const notInNames = /[^\p{L}\p{M}\p{Nd}\-_. ]/u;
const control = /[\p{Cc}\u2028\u2029]/u;
const turning = /\p{Bidi_Control}/u;
const blank = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

function length(text: string): number {
  return [...text].length;
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Checks the name of a person: 1 to 32 letters, digits, spaces and - _ . with a letter or a digit among them. */
export function checkName(text: string): string {
  const name = text.trim();
  if (name === '') return texts.noName;
  if (length(name) > MAX_NAME) return texts.longName(MAX_NAME, length(name));
  if (invisible.test(name)) return texts.invisibleInName;
  const odd = notInNames.exec(name)?.[0];
  if (odd !== undefined) {
    return control.test(odd) ? texts.controlInName : texts.oddInName(odd);
  }
  if (!/[\p{L}\p{Nd}]/u.test(name)) return texts.emptyName;
  return '';
}

/** Checks what somebody signs in with: their name or their e-mail address. */
export function checkNameOrEmail(text: string): string {
  return text.trim() === '' ? texts.noNameOrEmail : '';
}

/** Checks an e-mail address, which may be left out. Whether mail arrives there is not ours to know. */
export function checkEmail(text: string): string {
  const email = text.trim();
  if (email === '') return '';
  if (bytes(email) > MAX_EMAIL) return texts.longEmail(MAX_EMAIL);
  if (!/^[^\s,<>]+@[^\s,<>@]+$/.test(email) || control.test(email) || turning.test(email)) {
    return texts.noEmail;
  }
  return '';
}

/** Checks a new password: at least 8 characters, at most 1,024 bytes. */
export function checkNewPassword(text: string): string {
  if (text === '') return texts.noNewPassword;
  if (bytes(text) > MAX_PASSWORD_BYTES) {
    return texts.longPassword(MAX_PASSWORD_BYTES);
  }
  const missing = MIN_PASSWORD - length(text);
  if (missing > 0) return texts.shortPassword(MIN_PASSWORD, missing);
  return '';
}

/** Checks a password that exists already: only that there is one. */
export function checkPassword(text: string): string {
  return text === '' ? texts.noPassword : '';
}

/** Checks the name of the workspace: one line of 1 to 64 characters. */
export function checkWorkspaceName(text: string): string {
  return text.trim() === '' ? texts.noWorkspace : checkTitle(text, texts.workspaceName, MAX_WORKSPACE);
}

/** Checks the name that others see, which may be left out: one line of at most 64 characters. */
export function checkDisplay(text: string): string {
  return text.trim() === '' ? '' : checkTitle(text, texts.displayName, MAX_DISPLAY);
}

function checkTitle(text: string, what: string, limit: number): string {
  const title = text.trim();
  if (length(title) > limit) return texts.longTitle(what, limit, length(title));
  if (control.test(title)) return texts.controlInTitle(what);
  if (turning.test(title)) return texts.turningInTitle(what);
  if (blank.test(title)) return texts.blankTitle(what);
  return '';
}
