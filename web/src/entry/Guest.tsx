import type { RestWorkspace } from '@parley-chat/client';
import { useApi } from '../app/api';
import { linkTo, navigate } from '../app/router';
import { entry as texts } from '../text/entry';
import { Card } from '../ui/Card';
import { FormError, Notice, Submit } from './FormParts';
import formStyles from './FormParts.module.css';
import { EmailField, NameField } from './fields';
import { useForm } from './form';
import { checkEmail, checkName } from './rules';

interface Typed extends Record<string, string> {
  name: string;
  email: string;
}

/** Lets somebody in without an account, under a name that nobody uses now. */
export function Guest({ workspace }: { workspace: RestWorkspace }) {
  const account = <a {...linkTo('/signin')}>{texts.haveAccount}</a>;
  if (!workspace.guests) {
    return (
      <Card title={texts.guest.none(workspace.name)} foot={account}>
        <Notice>
          <p>{texts.guest.askForInvitation}</p>
        </Notice>
      </Card>
    );
  }
  return (
    <Card title={texts.guest.title} sub={texts.guest.sub(workspace.name)} foot={account}>
      <GuestForm />
    </Card>
  );
}

function GuestForm() {
  const api = useApi();
  const form = useForm<Typed>({
    initial: { name: '', email: '' },
    checks: { name: checkName, email: checkEmail },
    fields: ['email', 'name'],
    send: async ({ name, email }) => {
      const address = email.trim();
      await api.guest(address === '' ? { name: name.trim() } : { name: name.trim(), email: address });
      navigate('/', { replace: true });
    },
  });
  return (
    <form {...form.form} className={formStyles.form} aria-label={texts.guest.form}>
      <NameField {...form.field('name')} autoFocus />
      <EmailField {...form.field('email')} hint={texts.fields.guestEmailHint} />
      <FormError text={form.error} />
      <Submit busy={form.busy} waitUntil={form.waitUntil}>
        {texts.guest.submit}
      </Submit>
    </form>
  );
}
