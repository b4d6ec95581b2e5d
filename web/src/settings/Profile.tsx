import type { Me } from '@parley-chat/client';
import { useState } from 'react';
import { useApi } from '../app/api';
import { useClient } from '../app/client';
import { useHost } from '../app/host';
import { Done, FormError, Submit } from '../entry/FormParts';
import formStyles from '../entry/FormParts.module.css';
import { EmailField, NewPasswordField, PasswordField } from '../entry/fields';
import { useForm } from '../entry/form';
import { useLoad } from '../entry/load';
import { codeOf, faultOf } from '../entry/problem';
import { checkDisplay, checkEmail, checkNewPassword, checkPassword } from '../entry/rules';
import { common } from '../text/common';
import { settings as texts } from '../text/settings';
import { Avatar } from '../ui/Avatar';
import { Field } from '../ui/Field';
import { Pieces } from '../ui/Pieces';
import { Fetched } from './List';
import { Picture } from './Picture';
import styles from './Settings.module.css';

/** One's own name, address and password. */
export function Profile({ me }: { me: Me }) {
  const api = useApi();
  const known = useLoad('me', () => api.me());
  const host = useHost();
  return (
    <>
      {host || me.kind === 'guest' ? (
        <div className={styles.me}>
          <Avatar id={me.id} name={me.display || me.name} size={56} />
          <Called me={me} as={host ? texts.profile.nameHere : texts.profile.guest} />
        </div>
      ) : (
        <Picture me={me}>
          <Called me={me} as={texts.profile.signInName} />
        </Picture>
      )}
      {host ? (
        <p className={styles.intro}>{texts.profile.atHost(location.host)}</p>
      ) : me.kind === 'guest' ? (
        <p className={styles.intro}>
          <Pieces of={texts.profile.guestNothing} />
        </p>
      ) : (
        <Fetched from={known}>
          {(mine) => (
            <>
              <ProfileForm
                name={mine.name}
                display={mine.display === mine.name ? '' : mine.display}
                email={mine.email ?? ''}
              />
              <PasswordForm name={mine.name} known={[mine.name, mine.email ?? '', mine.display]} />
            </>
          )}
        </Fetched>
      )}
    </>
  );
}

function Called({ me, as }: { me: Me; as: string }) {
  return (
    <div className={styles.called}>
      <b>{me.name}</b>
      <small>{as}</small>
    </div>
  );
}

interface Typed extends Record<string, string> {
  display: string;
  email: string;
}

function ProfileForm({ name, display, email }: { name: string; display: string; email: string }) {
  const api = useApi();
  const [done, setDone] = useState('');
  const form = useForm<Typed>({
    initial: { display, email },
    checks: { display: checkDisplay, email: checkEmail },
    fields: ['email', 'display'],
    send: async (typed) => {
      setDone('');
      await api.updateMe({ display: typed.display.trim(), email: typed.email.trim() });
      setDone(texts.saved);
    },
  });
  return (
    <form {...form.form} className={`${formStyles.form} ${styles.part}`} aria-label={texts.profile.form}>
      <div className={styles.two}>
        <Field
          {...form.field('display')}
          label={texts.profile.display}
          hint={texts.profile.displayHint}
          placeholder={name}
          autoComplete="nickname"
        />
        <EmailField {...form.field('email')} />
      </div>
      <FormError text={form.error} />
      <div className={styles.row}>
        <Submit busy={form.busy} waitUntil={form.waitUntil} block={false}>
          {common.save}
        </Submit>
        <Done text={done} />
      </div>
    </form>
  );
}

interface Passwords extends Record<string, string> {
  current: string;
  next: string;
}

function PasswordForm({ name, known }: { name: string; known: readonly string[] }) {
  const client = useClient();
  const api = useApi();
  const [done, setDone] = useState('');
  const form = useForm<Passwords>({
    initial: { current: '', next: '' },
    checks: { current: checkPassword, next: checkNewPassword },
    fields: ['current', 'next'],
    send: async ({ current, next }) => {
      setDone('');
      // The change ends this session too and begins another: the connection is taken up afresh, not cut as signed out.
      client.stop();
      try {
        await api.changePassword(current, next);
      } finally {
        client.start();
      }
      form.set({ current: '', next: '' });
      setDone(texts.profile.passwordChanged);
    },
    faultFor: (error) => {
      const fault = faultOf(error, ['current', 'next'] as const);
      return codeOf(error) === 'forbidden' ? { ...fault, field: 'current' } : fault;
    },
  });
  return (
    <form {...form.form} className={`${formStyles.form} ${styles.part}`} aria-label={texts.profile.passwordForm}>
      <h3>{texts.profile.changePassword}</h3>
      {/* Tells a password keeper whose password changes. */}
      <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
      <div className={styles.two}>
        <PasswordField {...form.field('current')} label={texts.profile.currentPassword} />
        <NewPasswordField {...form.field('next')} label={texts.profile.newPassword} known={known} />
      </div>
      <FormError text={form.error} />
      <div className={styles.row}>
        <Submit busy={form.busy} waitUntil={form.waitUntil} block={false}>
          {texts.profile.submitPassword}
        </Submit>
        <Done text={done} />
      </div>
    </form>
  );
}
