import type { RestWorkspace } from '@parley-chat/client';
import type { Registration } from '@parley-chat/client/rest';
import { Clock } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useApi } from '../app/api';
import { navigate } from '../app/router';
import { applyHue } from '../app/theme';
import { common } from '../text/common';
import { entry as texts } from '../text/entry';
import { Button } from '../ui/Button';
import { Card } from '../ui/Card';
import { Field } from '../ui/Field';
import { Icon } from '../ui/Icon';
import { Pieces } from '../ui/Pieces';
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
        <h1>{texts.setup.ready}</h1>
        <InviteDialog onClose={leave} leave={texts.setup.goToGeneral} warning={created.warning} />
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
      title={texts.setup.title}
      sub={texts.setup.sub}
      foot={
        <>
          <Icon of={Clock} size={16} />
          {expires > now ? texts.setup.endsIn(span(expires - now)) : texts.setup.ended}
        </>
      }
    >
      <SetupFields form={form} hue={hue} onHue={setHue} />
    </Card>
  );
}

function SetupFields({ form, hue, onHue }: { form: Form<Typed>; hue: number; onHue: (hue: number) => void }) {
  return (
    <form {...form.form} className={formStyles.form} aria-label={texts.setup.form}>
      <Field
        {...form.field('workspace')}
        label={texts.fields.workspace}
        placeholder={texts.fields.workspacePlaceholder}
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
        {texts.setup.submit}
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
    return texts.setup.notNamed(textOf(error));
  }
}

function LinkEnded() {
  return (
    <Card sign="parley" title={texts.setup.broken}>
      <Notice>
        <p>{texts.setup.brokenWhy}</p>
        <p>
          <Pieces of={texts.setup.newLink} />
        </p>
        <p>
          <Pieces of={texts.setup.withoutLink} />
        </p>
      </Notice>
    </Card>
  );
}

function SetUpAlready({ name }: { name: string }) {
  return (
    <Card title={texts.setup.already(name)} sub={texts.setup.alreadySub}>
      <Button variant="main" block onClick={() => navigate('/signin')}>
        {texts.signIn.submit}
      </Button>
    </Card>
  );
}

function Unreachable({ text, again }: { text: string; again: () => void }) {
  return (
    <Card sign="parley" title={texts.setup.unreachable}>
      <Notice>
        <FormError text={text} />
        <Button block onClick={again}>
          {common.tryAgain}
        </Button>
      </Notice>
    </Card>
  );
}
