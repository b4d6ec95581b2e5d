// What a sign-in was made with, in plain words, from the header User-Agent. It is a hint for the person who looks through
// their sessions: browsers say what they like there.

import { settings } from '../text/settings';

const texts = settings.devices;

const browsers: readonly [RegExp, string][] = [
  [/\b(?:Edg|EdgA|EdgiOS|Edge)\//, 'Edge'],
  [/\b(?:OPR|OPiOS|Opera)\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bSamsungBrowser\//, texts.samsung],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\bHeadlessChrome\//, texts.headless],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*\bSafari\//, 'Safari'],
  [/\bcurl\//, 'curl'],
  [/\bWget\//, 'Wget'],
  [/\b(?:parley|Parley)[-/]/, texts.own],
  [/\bGo-http-client\//, texts.go],
  [/\b(?:python-requests|Python-urllib|aiohttp|python-httpx)\//, texts.python],
  [/\b(?:node|undici|axios)\b/i, texts.node],
];

const systems: readonly [RegExp, string][] = [
  [/\biPhone\b/, texts.iPhone],
  [/\biPad\b/, texts.iPad],
  [/\bAndroid\b.*\bMobile\b/, texts.androidPhone],
  [/\bAndroid\b/, texts.androidTablet],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\b(?:Macintosh|Mac OS X)\b/, texts.mac],
  [/\b(?:Linux|X11)\b/, 'Linux'],
];

/** Names the device: "Firefox on Linux", "Safari on an iPhone", or "An unknown device". */
export function deviceOf(userAgent: string): string {
  const browser = browsers.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (browser !== undefined && system !== undefined) return texts.browserOn(browser, system);
  if (browser !== undefined) return browser;
  if (system !== undefined) return texts.someBrowserOn(system);
  return texts.unknown;
}

/** Whether it is one that is held in the hand. */
export function isHandheld(userAgent: string): boolean {
  return /\b(?:iPhone|iPad|Android)\b/.test(userAgent);
}
