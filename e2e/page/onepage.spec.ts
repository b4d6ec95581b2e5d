import { expect, test } from './onepage.ts';

test('the form says what is missing or wrong, and trims', async ({ visit }) => {
  const ann = await visit();
  await expect(ann.email).toBeFocused();
  await ann.join.click();
  await expect(ann.page.getByText('Enter your e-mail address.')).toBeVisible();
  await expect(ann.page.getByText('Enter a user name.')).toBeVisible();
  await expect(ann.email).toBeFocused();

  await ann.email.fill('   ');
  await ann.username.fill('   ');
  await ann.join.click();
  await expect(ann.page.getByText('Enter your e-mail address.')).toBeVisible();
  await expect(ann.page.getByText('Enter a user name.')).toBeVisible();

  await ann.email.fill('ann at example');
  await ann.username.fill('ann@example.org');
  await ann.join.click();
  await expect(ann.page.getByText('That does not look like an e-mail address.')).toBeVisible();
  await expect(ann.page.getByText('A user name has no @: everyone sees it.')).toBeVisible();

  await ann.enters('  ann@example.org ', '  ann  ');
  await ann.says('hello');
  await expect(ann.message('hello').getByText('ann', { exact: true })).toBeVisible();

  // The name is ann's as long as she is here.
  const eve = await visit();
  await eve.email.fill('eve@example.org');
  await eve.username.fill('Ann');
  await eve.join.click();
  await expect(eve.page.getByText('Somebody else has this name just now.')).toBeVisible();
  await eve.enters('eve@example.org', 'eve');
});

test('two people talk, and what they type is never executed', async ({ visit }) => {
  const [ann, bob] = [await visit(), await visit()];
  await ann.enters('ann@example.org', 'ann');
  await bob.enters('bob@example.org', 'bob');
  await expect(ann.log.getByText('bob joined')).toBeVisible();

  await ann.says('hello, bob');
  await expect(bob.message('hello, bob').getByRole('button', { name: 'ann' })).toBeVisible();
  await bob.text.fill('hello, ann');
  await bob.page.getByRole('button', { name: 'Send' }).click();
  await expect(ann.message('hello, ann')).toBeVisible();
  await expect(bob.message('hello, ann')).toBeVisible(); // by the server

  // The same picture for both, and it is there.
  const avatar = ann.message('hello, ann').locator('img');
  await expect(avatar).toHaveAttribute('src', /^\/avatar\/[0-9a-f]{64}\.svg$/);
  await expect(bob.message('hello, ann').locator('img')).toHaveAttribute(
    'src',
    (await avatar.getAttribute('src')) ?? '',
  );
  await expect.poll(() => avatar.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);

  await ann.says('I am a :robot: :constructor: :nothing:');
  await expect(bob.message('I am a 🤖 :constructor: :nothing:')).toBeVisible();

  const evil = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
  await ann.says(evil);
  await expect(bob.message(evil)).toBeVisible();
  await expect(bob.log.locator('script, img[src="x"]')).toHaveCount(0);
  await expect(bob.page).toHaveTitle('One-page chat');

  await ann.text.fill('   ');
  await ann.text.press('Enter');
  await expect(ann.page.getByText('Write something first.')).toBeVisible();
  await ann.says('the next one'); // and nothing blank came before it
  await expect(bob.message('the next one')).toBeVisible();
  await expect(bob.log.getByRole('article')).toHaveCount(5);

  await bob.page.close();
  await expect(ann.log.getByText('bob left')).toBeVisible();
});

test('private messages reach only the two', async ({ visit }) => {
  const [ann, bob, eve] = [await visit(), await visit(), await visit()];
  await ann.enters('ann@example.org', 'ann');
  await bob.enters('bob@example.org', 'bob');
  await eve.enters('eve@example.org', 'eve');

  await expect(ann.log.getByText('bob joined')).toBeVisible();
  await ann.says('/msg bob by command');
  await expect(bob.message('by command').getByText('privately to you')).toBeVisible();
  await expect(ann.message('by command').getByText('privately to bob')).toBeVisible();

  await bob.message('by command').getByRole('button', { name: 'ann' }).click();
  await bob.says('by a click');
  await expect(ann.message('by a click').getByText('privately to you')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Write to everyone' }).click();
  await bob.says('for all');
  await expect(eve.message('for all')).toBeVisible();
  await expect(eve.log.getByRole('article')).toHaveCount(1);

  // A name may have spaces, and another as its beginning.
  const bobby = await visit();
  await bobby.enters('bobby@example.org', 'Bob the Builder');
  await expect(ann.log.getByText('Bob the Builder joined')).toBeVisible();
  await ann.says('/msg bob the builder can you mend it?');
  await expect(bobby.message('can you mend it?').getByText('privately to you')).toBeVisible();
  await expect(ann.message('can you mend it?').getByText('privately to Bob the Builder')).toBeVisible();

  // What cannot be delivered stays where it was typed.
  for (const stranger of ['zoe', 'ann']) {
    await ann.text.fill(`/msg ${stranger} are you there?`);
    await ann.text.press('Enter');
    await expect(ann.page.getByText(`Nobody else here is called ${stranger}.`)).toBeVisible();
    await expect(ann.text).toHaveValue(`/msg ${stranger} are you there?`);
  }
  await ann.text.fill('/msg bob');
  await ann.text.press('Enter');
  await expect(ann.page.getByText('Write /msg NAME TEXT.')).toBeVisible();
});

test('it fits a phone, follows the newest line, and leaves the reader alone', async ({ visit }) => {
  const ann = await visit({ viewport: { width: 360, height: 640 } });
  const bob = await visit();
  const sideways = () => ann.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await sideways()).toBe(0);
  await ann.enters('ann@example.org', 'ann-with-a-name-of-thirty-two-xx');
  await bob.enters('bob@example.org', 'bob');
  await bob.says('averyveryverylongwordwithoutanyplacetobreakit'.repeat(5));
  for (let i = 1; i <= 12; i++) await bob.says(`line ${i}`);
  await expect(ann.message('line 12')).toBeInViewport();
  expect(await sideways()).toBe(0);

  await ann.log.evaluate((log) => log.scrollTo(0, 0));
  await bob.says('one more');
  await expect(ann.page.getByRole('button', { name: '1 new below' })).toBeVisible();
  await expect(ann.message('one more')).not.toBeInViewport();
  await ann.page.getByRole('button', { name: '1 new below' }).click();
  await expect(ann.message('one more')).toBeInViewport();

  await ann.page.getByRole('button', { name: '2 here' }).click();
  await ann.page.getByRole('complementary').getByRole('button', { name: 'bob' }).click();
  await expect(ann.page.getByText('Private, to bob')).toBeVisible();
  expect(await sideways()).toBe(0);
});

test('when the server ends the page says so, and keeps what was typed', async ({ visit, chat }) => {
  const ann = await visit();
  await ann.enters('ann@example.org', 'ann');
  await expect(ann.page.getByText('connected', { exact: true })).toBeVisible();
  await ann.text.fill('half a thought');
  chat.process.kill('SIGTERM');
  await expect(ann.page.getByRole('button', { name: 'Send' })).toBeDisabled();
  await ann.text.press('Enter');
  await expect(ann.text).toHaveValue('half a thought');
});
