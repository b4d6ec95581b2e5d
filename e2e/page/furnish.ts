import type { Person } from './people.ts';

/** Fills a workspace with what the screens show. */
export async function furnish(ann: Person, bob: Person): Promise<void> {
  await ann.put('/api/workspace', { name: 'Tidewater', hue: 212 });
  await ann.invites({ max_uses: 5 });
  const talk: [Person, string][] = [
    [ann, 'Good morning! The tide table for next week is ready.'],
    [bob, 'Thank you. Does it have the spring tide on Thursday?'],
    [ann, 'It does, with the new gauge at the harbour mouth: https://example.org/tides'],
    [
      ann,
      'A longer line, so that one sees how text wraps: the gauge was moved twenty metres to the east in May, which is why the older readings stand a hand lower than they should, and nobody noticed until the ferry did.',
    ],
    [bob, 'for (const tide of tides) print(tide)\n  // two lines, as typed'],
    [
      bob,
      'averyveryveryverylongwordwithoutanyplacetobreakitbecausepeoplepastesuchthings0123456789abcdefghijklmnopqrstuvwxyz',
    ],
    [
      bob,
      '**Berths** for *Friday*, see `berths.csv`:\n\n1. north quay\n2. ferry\n\n> as agreed on Monday\n\n```js\nfor (const tide of tides) print(tide); // a line that is longer than a phone is wide, so that the code has to be scrolled\n```',
    ],
    [bob, '🌊'],
  ];
  for (const [person, line] of talk) await person.says('general', line);
  await changed(ann, bob);
  await ann.says('general', 'the last of them');
  await forAnn(ann, bob);
  await bob.says('random', 'Cats, coffee, crosswords.');
  await ann.post('/api/rooms', { name: 'harbour', topic: 'Berths and bollards' });
  await ann.says('harbour', 'The north quay is done.');
  await ann.put('/api/rooms/harbour/archived', { archived: true });
}

/** Says something and returns its id. */
async function says(who: Person, room: string, content: string, more: object = {}): Promise<string> {
  return (await who.post<{ id: string }>('/api/messages', { room, content, ...more })).id;
}

/** Messages of general with all that can be about one: a thread, reactions, an edit, a pin, a quote, a deletion. */
async function changed(ann: Person, bob: Person): Promise<void> {
  const at = (id: string) => `/api/rooms/general/messages/${id}`;
  const reacts = (who: Person, id: string, emoji: string) =>
    who.put(`${at(id)}/reactions/${encodeURIComponent(emoji)}`, {});
  const key = await says(ann, 'general', 'Who has the key of the crane?');
  await says(bob, 'general', 'On the hook in the office.', { thread: key });
  await says(ann, 'general', 'Thank you, found it. **Please** hang it back there in the evening, @bob.', {
    thread: key,
  });
  const water = await says(ann, 'general', 'Low water is at nine');
  await ann.api.patch(at(water), { data: { content: 'Low water is at ten' } });
  await ann.put(`${at(water)}/pin`, {});
  await ann.put(`${at(water)}/saved`, {});
  for (const who of [ann, bob]) await reacts(who, water, '👍');
  await reacts(bob, water, '🎉');
  const late = await says(bob, 'general', 'The ferry is late: shall we wait, @ann?', { quote: water });
  const gone = await says(ann, 'general', 'wrong room');
  await ann.api.delete(at(gone));
  await ann.put(`${at(late)}/saved`, {});
  await bob.post(`${at(water)}/report`, { reason: 'It is at eleven, and people go by this.' });
}

/** Rooms of other kinds, and what waits in them for ann. */
async function forAnn(ann: Person, bob: Person): Promise<void> {
  const { users } = await (await ann.api.get('/api/users')).json();
  const id = (name: string) => users.find((user: { name: string }) => user.name === name).id;
  await ann.post('/api/rooms', { name: 'vault', kind: 'private', history: 'joined', members: [id('bob')] });
  await says(bob, 'vault', 'Nobody else reads this.');
  await ann.post('/api/rooms', { name: 'notices', topic: 'What everybody has to know' });
  await says(ann, 'notices', 'The gate is shut at night from Monday on.');
  await ann.api.patch('/api/rooms/notices', { data: { read_only: true } });
  const talk = await bob.post<{ name: string }>('/api/direct', { users: [id('ann')] });
  await says(bob, talk.name, 'have you a minute?');
  // Nobody opens this one: what is new in it stays so.
  await bob.post('/api/rooms', { name: 'slipway', topic: 'Boats in and out', kind: 'private', members: [id('ann')] });
  await says(bob, 'slipway', 'The cradle is free again.');
  const crane = await says(ann, 'slipway', 'Does the crane lift six tonnes?');
  await says(bob, 'slipway', 'Five and a half, by the plate.', { thread: crane });
  await says(bob, 'slipway', '@ann, can you look at the crane?');
  await bob.put('/api/me/status', { emoji: '🍽️', text: 'At lunch' });
}
