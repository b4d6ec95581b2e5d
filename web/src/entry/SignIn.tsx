import type { RestWorkspace } from '@parley-chat/client';
import { useApi } from '../app/api';
import { linkTo, navigate } from '../app/router';
import { Card } from '../ui/Card';
import { Field } from '../ui/Field';
import { FormError, Notice, Or, Submit } from './FormParts';
import formStyles from './FormParts.module.css';
import { PasswordField } from './fields';
import { useForm } from './form';
import { LinkButton } from './LinkButton';
import { codeOf, faultOf } from './problem';
import { checkNameOrEmail, checkPassword } from './rules';

interface Typed extends Record<string, string> {
  who: string;
  password: string;
}

/** Lets somebody in who has an account. */
export function SignIn({ workspace }: { workspace: RestWorkspace }) {
  if (!workspace.set_up && workspace.registration !== 'open') return <NotSetUp guests={workspace.guests} />;
  return (
    <Card title={`Sign in to ${workspace.name}`} sub={location.host} foot={<OtherWays workspace={workspace} />}>
      <SignInForm />
      {workspace.guests && (
        <>
          <Or />
          <LinkButton to="/guest">Look around as a guest</LinkButton>
        </>
      )}
    </Card>
  );
}

function SignInForm() {
  const api = useApi();
  const form = useForm<Typed>({
    initial: { who: '', password: '' },
    checks: { who: checkNameOrEmail, password: checkPassword },
    fields: [],
    send: async ({ who, password }) => {
      const text = who.trim();
      await api.login(text.includes('@') ? { email: text, password } : { name: text, password });
      navigate('/', { replace: true });
    },
    faultFor: (error) => {
      const fault = faultOf<'who' | 'password'>(error, []);
      return codeOf(error) === 'unauthenticated'
        ? { ...fault, field: 'password', text: 'The name or the password is wrong. Check both and try again.' }
        : fault;
    },
  });
  return (
    <form {...form.form} className={formStyles.form} aria-label="Sign in">
      <Field
        {...form.field('who')}
        label="Name or e-mail"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus
      />
      <PasswordField {...form.field('password')} />
      <FormError text={form.error} />
      <Submit busy={form.busy} waitUntil={form.waitUntil}>
        Sign in
      </Submit>
    </form>
  );
}

function OtherWays({ workspace }: { workspace: RestWorkspace }) {
  switch (workspace.registration) {
    case 'open':
      return (
        <span>
          No account yet? <a {...linkTo('/join')}>Create an account</a>
        </span>
      );
    case 'invite':
      return (
        <span>
          No account yet? Ask somebody here for an invitation link. Whoever runs this server can set a forgotten
          password.
        </span>
      );
    case 'closed':
      return (
        <span>No account yet? New ones are made by whoever runs this server, who also sets forgotten passwords.</span>
      );
  }
}

function NotSetUp({ guests }: { guests: boolean }) {
  return (
    <Card sign="parley" title="Nobody has an account here yet">
      <Notice>
        <p>
          <b>If you run this server,</b> open the set-up link that it wrote when it started. Start it again for a new
          one.
        </p>
        <p>
          <b>If you do not,</b> come back once the workspace is set up.
        </p>
        {guests && <LinkButton to="/guest">Look around as a guest</LinkButton>}
      </Notice>
    </Card>
  );
}
