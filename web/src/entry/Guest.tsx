import type { RestWorkspace } from '@parley-chat/client';
import { useApi } from '../app/api';
import { linkTo, navigate } from '../app/router';
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
  const account = <a {...linkTo('/signin')}>Have an account?</a>;
  if (!workspace.guests) {
    return (
      <Card title={`${workspace.name} takes no guests`} foot={account}>
        <Notice>
          <p>You need an account to come in. Ask somebody here for an invitation link.</p>
        </Notice>
      </Card>
    );
  }
  return (
    <Card
      title="Enter as a guest"
      sub={`You can read and write in the public rooms of ${workspace.name}.`}
      foot={account}
    >
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
    <form {...form.form} className={formStyles.form} aria-label="Guest entry">
      <NameField {...form.field('name')} autoFocus />
      <EmailField {...form.field('email')} hint="Optional. It is never shown to others." />
      <FormError text={form.error} />
      <Submit busy={form.busy} waitUntil={form.waitUntil}>
        Enter
      </Submit>
    </form>
  );
}
