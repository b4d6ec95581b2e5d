import type { RestWorkspace } from '@parley-chat/client';
import { useApi } from '../app/api';
import { navigate } from '../app/router';
import { entry as texts } from '../text/entry';
import { Card } from '../ui/Card';
import { Field } from '../ui/Field';
import { Pieces } from '../ui/Pieces';
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
    <Card title={texts.signIn.title(workspace.name)} sub={location.host} foot={<OtherWays workspace={workspace} />}>
      <SignInForm />
      {workspace.guests && (
        <>
          <Or />
          <LinkButton to="/guest">{texts.lookAround}</LinkButton>
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
      return codeOf(error) === 'unauthenticated' ? { ...fault, field: 'password', text: texts.signIn.wrong } : fault;
    },
  });
  return (
    <form {...form.form} className={formStyles.form} aria-label={texts.signIn.form}>
      <Field
        {...form.field('who')}
        label={texts.fields.nameOrEmail}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus
      />
      <PasswordField {...form.field('password')} />
      <FormError text={form.error} />
      <Submit busy={form.busy} waitUntil={form.waitUntil}>
        {texts.signIn.submit}
      </Submit>
    </form>
  );
}

function OtherWays({ workspace }: { workspace: RestWorkspace }) {
  switch (workspace.registration) {
    case 'open':
      return (
        <span>
          <Pieces of={texts.signIn.open} />
        </span>
      );
    case 'invite':
      return <span>{texts.signIn.invite}</span>;
    case 'closed':
      return <span>{texts.signIn.closed}</span>;
  }
}

function NotSetUp({ guests }: { guests: boolean }) {
  return (
    <Card sign="parley" title={texts.signIn.nobody}>
      <Notice>
        <p>
          <Pieces of={texts.signIn.nobodyRuns} />
        </p>
        <p>
          <Pieces of={texts.signIn.nobodyElse} />
        </p>
        {guests && <LinkButton to="/guest">{texts.lookAround}</LinkButton>}
      </Notice>
    </Card>
  );
}
