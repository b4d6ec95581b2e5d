import type { RestWorkspace } from '@parley-chat/client';
import type { Invitation, Registration } from '@parley-chat/client/rest';
import { Link as LinkIcon } from 'lucide-react';
import { useApi } from '../app/api';
import { linkTo, navigate } from '../app/router';
import { common } from '../text/common';
import { entry as texts } from '../text/entry';
import { Button } from '../ui/Button';
import { Card } from '../ui/Card';
import { Icon } from '../ui/Icon';
import { Pieces } from '../ui/Pieces';
import { FormError, Notice, Or, Submit } from './FormParts';
import formStyles from './FormParts.module.css';
import { EmailField, NameField, NewPasswordField } from './fields';
import { useForm } from './form';
import { LinkButton } from './LinkButton';
import { useLoad } from './load';
import { codeOf, textOf } from './problem';
import { checkEmail, checkName, checkNewPassword } from './rules';
import { Waiting } from './Waiting';
import { dayOf } from './when';

interface Typed extends Record<string, string> {
  name: string;
  email: string;
  password: string;
}

/** Makes an account by an invitation, or, with the code '', in a workspace that is open to everybody. */
export function Join({ workspace, code }: { workspace: RestWorkspace; code: string }) {
  const api = useApi();
  const me = useLoad('me', () => nobody(api.me()));
  const invitation = useLoad(code, () => (code === '' ? Promise.resolve(null) : api.invitation(code)));
  const failed = invitation.error ?? me.error;

  if (workspace.registration === 'closed') return <Closed workspace={workspace} />;
  if (code === '' && workspace.registration !== 'open') return <NoInvitation workspace={workspace} />;
  if (codeOf(invitation.error) === 'not_found') return <InvitationEnded workspace={workspace} />;
  if (failed !== null) {
    const again = () => {
      invitation.again();
      me.again();
    };
    return <Unreachable workspace={workspace} text={textOf(failed)} again={again} />;
  }
  if (me.data === null || (code !== '' && invitation.data === null)) return <Waiting />;
  if (me.data.name !== '' && me.data.kind === 'member') return <SignedIn workspace={workspace} name={me.data.name} />;
  return <JoinForm workspace={workspace} code={code} invitation={invitation.data} />;
}

/** Whoever is signed in; nobody is an answer too. */
async function nobody(asked: Promise<{ name: string; kind: string }>): Promise<{ name: string; kind: string }> {
  try {
    return await asked;
  } catch (error) {
    if (codeOf(error) === 'unauthenticated') return { name: '', kind: '' };
    throw error;
  }
}

function JoinForm({
  workspace,
  code,
  invitation,
}: {
  workspace: RestWorkspace;
  code: string;
  invitation: Invitation | null;
}) {
  const api = useApi();
  const form = useForm<Typed>({
    initial: { name: '', email: '', password: '' },
    checks: { name: checkName, email: checkEmail, password: checkNewPassword },
    fields: ['email', 'password', 'name'],
    send: async ({ name, email, password }) => {
      const account: Registration = { name: name.trim(), password };
      if (email.trim() !== '') account.email = email.trim();
      if (code !== '') account.invite = code;
      await api.register(account);
      navigate('/rooms/general', { replace: true });
    },
  });
  return (
    <Card
      title={texts.join.title(workspace.name)}
      sub={invitation === null ? texts.join.everybody : <Pieces of={texts.join.invitedBy(invitation.invited_by)} />}
      foot={
        <>
          {invitation !== null && <Icon of={LinkIcon} size={16} />}
          {invitation !== null && <span>{termsOf(invitation, Date.now())}</span>}
          <a {...linkTo('/signin')}>{texts.haveAccount}</a>
        </>
      }
    >
      <form {...form.form} className={formStyles.form} aria-label={texts.join.form}>
        <NameField {...form.field('name')} autoFocus />
        <EmailField {...form.field('email')} />
        <NewPasswordField {...form.field('password')} known={[form.values.name, form.values.email, workspace.name]} />
        <FormError text={form.error} />
        <Submit busy={form.busy} waitUntil={form.waitUntil}>
          {texts.join.submit}
        </Submit>
      </form>
      {workspace.guests && (
        <>
          <Or />
          <LinkButton to="/guest">{texts.lookAround}</LinkButton>
        </>
      )}
    </Card>
  );
}

function termsOf({ expires_at: expires, uses_left: left }: Invitation, now: number): string {
  return texts.join.terms(left, expires === undefined ? '' : dayOf(Date.parse(expires), now));
}

function SignedIn({ workspace, name }: { workspace: RestWorkspace; name: string }) {
  return (
    <Card title={texts.join.inAlready(workspace.name)} sub={<Pieces of={texts.join.signedInAs(name)} />}>
      <Button variant="main" block onClick={() => navigate('/')}>
        {texts.join.goToChat}
      </Button>
    </Card>
  );
}

function InvitationEnded({ workspace }: { workspace: RestWorkspace }) {
  return (
    <Card title={texts.join.ended} foot={<a {...linkTo('/signin')}>{texts.haveAccount}</a>}>
      <Notice>
        <p>{texts.join.endedWhy(workspace.name)}</p>
        <p>{texts.join.askForNew}</p>
        {workspace.guests && <LinkButton to="/guest">{texts.lookAround}</LinkButton>}
      </Notice>
    </Card>
  );
}

function NoInvitation({ workspace }: { workspace: RestWorkspace }) {
  return (
    <Card title={texts.join.title(workspace.name)} foot={<a {...linkTo('/signin')}>{texts.haveAccount}</a>}>
      <Notice>
        <p>{texts.join.needInvitation}</p>
        {workspace.guests && <LinkButton to="/guest">{texts.lookAround}</LinkButton>}
      </Notice>
    </Card>
  );
}

function Closed({ workspace }: { workspace: RestWorkspace }) {
  return (
    <Card title={texts.join.closed(workspace.name)} foot={<a {...linkTo('/signin')}>{texts.haveAccount}</a>}>
      <Notice>
        <p>{texts.join.closedWhy}</p>
        {workspace.guests && <LinkButton to="/guest">{texts.lookAround}</LinkButton>}
      </Notice>
    </Card>
  );
}

function Unreachable({ workspace, text, again }: { workspace: RestWorkspace; text: string; again: () => void }) {
  return (
    <Card title={texts.join.title(workspace.name)}>
      <Notice>
        <FormError text={text} />
        <Button block onClick={again}>
          {common.tryAgain}
        </Button>
      </Notice>
    </Card>
  );
}
