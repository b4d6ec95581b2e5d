import type { RestWorkspace } from '@parley-chat/client';
import type { Registration } from '@parley-chat/client/rest';
import { Clock } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useApi } from '../app/api';
import { navigate } from '../app/router';
import { applyHue } from '../app/theme';
import { Button } from '../ui/Button';
import { Card } from '../ui/Card';
import { Field } from '../ui/Field';
import { Icon } from '../ui/Icon';
import { FormError, Notice, Submit } from './FormParts';
import formStyles from './FormParts.module.css';
import { EmailField, NameField, NewPasswordField } from './fields';
import { type Form, useForm } from './form';
import { InviteDialog } from './InviteDialog';
import { useLoad } from './load';
import { codeOf, textOf } from './problem';
import { checkEmail, checkName, checkNewPassword, checkWorkspaceName } from './rules';
import styles from './Setup.module.css';
import { Swatches } from './Swatches';
import { useTick } from './tick';
import { Waiting } from './Waiting';
import { span } from './when';

/** Parley's own hue, which a workspace has until somebody chooses. */
const firstHue = 212;

interface Typed extends Record<string, string> {
  workspace: string;
  name: string;
  email: string;
  password: string;
}

/** The set-up link: makes the workspace's first account, which becomes its owner, and its first invitation. */
export function Setup({ workspace }: { workspace: RestWorkspace }) {
  const api = useApi();
  const [code] = useState(() => location.hash.slice(1));
  const [created, setCreated] = useState<{ warning: string } | null>(null);
  const link = useLoad(code, () => (workspace.set_up || code === '' ? Promise.resolve(null) : api.setup(code)));

  if (created !== null) {
    const leave = () => navigate('/rooms/general', { replace: true });
    return (
      <main className={styles.behind}>
        <h1>Your workspace is ready</h1>
        <InviteDialog onClose={leave} leave="Go to general" warning={created.warning} />
      </main>
    );
  }
  if (workspace.set_up) return <SetUpAlready name={workspace.name} />;
  if (code === '' || codeOf(link.error) === 'not_found') return <LinkEnded />;
  if (link.error !== null) return <Unreachable text={textOf(link.error)} again={link.again} />;
  if (link.data === null) return <Waiting />;
  return (
    <SetupForm
      code={code}
      expires={Date.parse(link.data.expires_at)}
      onCreated={(warning) => setCreated({ warning })}
    />
  );
}

function SetupForm({
  code,
  expires,
  onCreated,
}: {
  code: string;
  expires: number;
  onCreated: (warning: string) => void;
}) {
  const api = useApi();
  const [hue, setHue] = useState(firstHue);
  const now = useTick(10_000);
  useEffect(() => applyHue(hue), [hue]); // the page shows what is being chosen

  const form = useForm<Typed>({
    initial: { workspace: '', name: '', email: '', password: '' },
    checks: { workspace: checkWorkspaceName, name: checkName, email: checkEmail, password: checkNewPassword },
    fields: ['email', 'password', 'name'],
    send: async (typed) => {
      const account: Registration = { name: typed.name.trim(), password: typed.password, setup: code };
      if (typed.email.trim() !== '') account.email = typed.email.trim();
      await api.register(account);
      history.replaceState(null, '', location.pathname + location.search); // the code is used up; nobody needs to see it
      onCreated(await nameWorkspace(() => api.setWorkspace({ name: typed.workspace.trim(), hue })));
    },
  });

  return (
    <Card
      sign="parley"
      title="Set up your workspace"
      sub="This takes a minute. You become its owner; people come by invitation."
      foot={
        <>
          <Icon of={Clock} size={16} />
          {expires > now
            ? `This link works once and ends in ${span(expires - now)}`
            : 'This link has ended: start the server again for a new one'}
        </>
      }
    >
      <SetupFields form={form} hue={hue} onHue={setHue} />
    </Card>
  );
}

function SetupFields({ form, hue, onHue }: { form: Form<Typed>; hue: number; onHue: (hue: number) => void }) {
  return (
    <form {...form.form} className={formStyles.form} aria-label="First set-up">
      <Field
        {...form.field('workspace')}
        label="Workspace name"
        placeholder="Your team, club or family"
        autoComplete="organization"
        required
        autoFocus
      />
      <Swatches hue={hue} onChange={onHue} />
      <NameField {...form.field('name')} />
      <EmailField {...form.field('email')} />
      <NewPasswordField
        {...form.field('password')}
        known={[form.values.name, form.values.email, form.values.workspace]}
      />
      <FormError text={form.error} />
      <Submit busy={form.busy} waitUntil={form.waitUntil}>
        Create and open general
      </Submit>
    </form>
  );
}

/** Names the workspace. The account exists already, so that a failure is a warning: '' when there is none. */
async function nameWorkspace(save: () => Promise<unknown>): Promise<string> {
  try {
    await save();
    return '';
  } catch (error) {
    return `Your account was made, but the workspace’s name and colour were not saved: ${textOf(error)} You can set them in the settings.`;
  }
}

function LinkEnded() {
  return (
    <Card sign="parley" title="This set-up link does not work">
      <Notice>
        <p>It is not complete, was used already, or its 30 minutes are over.</p>
        <p>
          <b>For a new link,</b> stop the server and start it again: it writes one when it starts.
        </p>
        <p>
          <b>Without a link,</b> make your account on the server’s machine: <code>parley user add NAME</code>
        </p>
      </Notice>
    </Card>
  );
}

function SetUpAlready({ name }: { name: string }) {
  return (
    <Card title={`${name} is set up already`} sub="This link has done its work.">
      <Button variant="main" block onClick={() => navigate('/signin')}>
        Sign in
      </Button>
    </Card>
  );
}

function Unreachable({ text, again }: { text: string; again: () => void }) {
  return (
    <Card sign="parley" title="The link could not be checked">
      <Notice>
        <FormError text={text} />
        <Button block onClick={again}>
          Try again
        </Button>
      </Notice>
    </Card>
  );
}
